// SPDX-License-Identifier: Apache-2.0
// Internal functions as values: in variables, parameters, results, arrays, structs, the state; virtual ones, those of libraries and files; unset ones panic.
pragma solidity ^0.8.27;

function plusOne(uint256 x) pure returns (uint256) {
    return x + 1;
}

library Maths {
    function square(uint256 x) internal pure returns (uint256) {
        return x * x;
    }

    function each(uint256[] memory list, function(uint256) pure returns (uint256) f) internal pure returns (uint256[] memory) {
        uint256[] memory made = new uint256[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            made[i] = f(list[i]);
        }
        return made;
    }

    function sort(uint256[] memory list, function(uint256, uint256) pure returns (bool) before) internal pure {
        for (uint256 i = 1; i < list.length; ++i) {
            for (uint256 k = i; k > 0 && before(list[k], list[k - 1]); --k) {
                (list[k], list[k - 1]) = (list[k - 1], list[k]);
            }
        }
    }
}

contract Steps {
    uint256 public total;
    function() internal never;

    function step(uint256 x) internal virtual returns (uint256) {
        return total += x;
    }

    function chosen() internal pure virtual returns (function(uint256) internal pure returns (uint256)) {
        return plusOne;
    }

    function callNever() external {
        never();
    }
}

contract FunctionValues is Steps {
    using Maths for uint256[];

    struct Job {
        uint256 argument;
        function(uint256) internal returns (uint256) run;
    }

    Job job;
    function(uint256) internal returns (uint256) kept = step;
    function() internal[2] private counters;
    mapping(bytes4 => function(uint256) internal pure returns (uint256)) private named;

    constructor() {
        named["sq"] = Maths.square;
        counters[1] = count;
    }

    function count() internal {
        total += 100;
    }

    function step(uint256 x) internal override returns (uint256) {
        return total += 10 * x;
    }

    function reading(uint256 x) internal view returns (uint256) {
        return x + total;
    }

    function less(uint256 a, uint256 b) internal pure returns (bool) {
        return a < b;
    }

    function more(uint256 a, uint256 b) private pure returns (bool) {
        return a > b;
    }

    function mapped(uint256[] memory list, bool squares) external pure returns (uint256[] memory, uint256[] memory) {
        return (list.each(squares ? Maths.square : plusOne), list.each(chosen()));
    }

    function sorted(uint256[] memory list, bool falling) external pure returns (uint256[] memory) {
        list.sort(falling ? more : less);
        return list;
    }

    function run(uint256 x) external returns (uint256, uint256, uint256) {
        function(uint256) internal returns (uint256) f = super.step;
        uint256 first = f(x);
        f = step;
        uint256 second = f(x);
        function(uint256) internal view returns (uint256)[2] memory two = [reading, plusOne];
        return (first, second, two[0](x) + two[1](x));
    }

    function later(uint256 x, bool reads) external returns (uint256) {
        job = Job(x, reads ? reading : kept);
        counters[1]();
        Job memory copied = job;
        return copied.run(copied.argument) + named["sq"](x);
    }

    function unset() external returns (uint256) {
        delete kept;
        return kept(1);
    }

    function unnamed(uint256 x) external view returns (uint256) {
        return named["none"](x);
    }

    function same() external view returns (bool, bool, bool) {
        function(uint256, uint256) internal pure returns (bool) f = less;
        return (f == less, f != more, kept == step);
    }

    function recursive(uint256 n) external pure returns (uint256) {
        return twist(n, down);
    }

    function down(uint256 n) internal pure returns (uint256) {
        return n == 0 ? 0 : n + twist(n - 1, n % 3 == 0 ? plusOne : down);
    }

    function twist(uint256 n, function(uint256) pure returns (uint256) f) internal pure returns (uint256) {
        return f(n);
    }
}
