// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

type Price is uint128;
using {addPrices as +, samePrices as ==, half} for Price global;
function addPrices(Price a, Price b) pure returns (Price) { return Price.wrap(Price.unwrap(a) + Price.unwrap(b)); }
function samePrices(Price a, Price b) pure returns (bool) { return Price.unwrap(a) == Price.unwrap(b); }
function half(Price p) pure returns (Price) { return Price.wrap(Price.unwrap(p) / 2); }

library Sums {
    struct Box { uint256[] values; }
    error Empty();
    uint256 internal constant LIMIT = 2 ** 16 - 1;
    function add(Box storage self, uint256 v) internal { require(v <= LIMIT, "limit"); self.values.push(v); }
    function sum(Box storage self) internal view returns (uint256 s) {
        if (self.values.length == 0) revert Empty();
        for (uint256 i; i < self.values.length; ++i) s += self.values[i];
    }
    function max(uint256 a, uint256 b) internal pure returns (uint256) { return a > b ? a : b; }
    function max(int256 a, int256 b) internal pure returns (int256) { return a > b ? a : b; }
}
