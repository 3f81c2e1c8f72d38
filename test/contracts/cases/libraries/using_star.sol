// SPDX-License-Identifier: Apache-2.0
// using L for *, free functions bound to a type, chains of calls.
pragma solidity ^0.8.27;

library Any {
    function twice(uint256 x) internal pure returns (uint256) {
        return x * 2;
    }

    function twice(string memory x) internal pure returns (string memory) {
        return string.concat(x, x);
    }

    function isSet(bool x) internal pure returns (string memory) {
        return x ? "set" : "clear";
    }
}

function plus(uint256 x, uint256 y) pure returns (uint256) {
    return x + y;
}

function negated(int256 x) pure returns (int256) {
    return -x;
}

using {plus} for uint256;

contract UsingStar {
    using Any for *;
    using {negated} for int256;

    function all(uint256 x, string memory s, bool b, int256 y) external pure returns (uint256, string memory, string memory, int256) {
        return (x.twice().plus(1).twice(), s.twice().twice(), b.isSet(), y.negated());
    }
}
