// SPDX-License-Identifier: Apache-2.0
// Operators of user types, bound globally; checked inside, in compound form, unary too.
pragma solidity ^0.8.27;

type Fixed is int256;
type Flags is uint8;

using {add as +, sub as -, mul as *, div as /, less as <, equal as ==, negate as -} for Fixed global;
using {unite as |, common as &, invert as ~, has} for Flags global;

function add(Fixed x, Fixed y) pure returns (Fixed) {
    return Fixed.wrap(Fixed.unwrap(x) + Fixed.unwrap(y));
}

function sub(Fixed x, Fixed y) pure returns (Fixed) {
    return Fixed.wrap(Fixed.unwrap(x) - Fixed.unwrap(y));
}

function mul(Fixed x, Fixed y) pure returns (Fixed) {
    return Fixed.wrap(Fixed.unwrap(x) * Fixed.unwrap(y) / 1000);
}

function div(Fixed x, Fixed y) pure returns (Fixed) {
    return Fixed.wrap(Fixed.unwrap(x) * 1000 / Fixed.unwrap(y));
}

function less(Fixed x, Fixed y) pure returns (bool) {
    return Fixed.unwrap(x) < Fixed.unwrap(y);
}

function equal(Fixed x, Fixed y) pure returns (bool) {
    return Fixed.unwrap(x) == Fixed.unwrap(y);
}

function negate(Fixed x) pure returns (Fixed) {
    return Fixed.wrap(-Fixed.unwrap(x));
}

function unite(Flags x, Flags y) pure returns (Flags) {
    return Flags.wrap(Flags.unwrap(x) | Flags.unwrap(y));
}

function common(Flags x, Flags y) pure returns (Flags) {
    return Flags.wrap(Flags.unwrap(x) & Flags.unwrap(y));
}

function invert(Flags x) pure returns (Flags) {
    return Flags.wrap(~Flags.unwrap(x));
}

function has(Flags x, Flags y) pure returns (bool) {
    return Flags.unwrap(common(x, y)) == Flags.unwrap(y);
}

contract UserOperators {
    Fixed public stored;

    function calculate(Fixed x, Fixed y) external pure returns (Fixed, Fixed, Fixed, Fixed, Fixed) {
        return (x + y, x - y, x * y, x / y, -x);
    }

    function compare(Fixed x, Fixed y) external pure returns (bool, bool) {
        return (x < y, x == y);
    }

    function precedence(Fixed x, Fixed y, Fixed z) external returns (Fixed) {
        stored = stored + x;
        return x + y * z - -x;
    }

    function flags(Flags x, Flags y) external pure returns (Flags, Flags, Flags, bool) {
        return (x | y, x & y, ~x, x.has(y));
    }
}
