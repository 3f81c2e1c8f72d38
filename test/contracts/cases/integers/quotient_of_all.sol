// SPDX-License-Identifier: Apache-2.0
// Quotients of the largest number, compared: optimisers ask instead whether a product overflows.
pragma solidity ^0.8.27;

contract QuotientOfAll {
    function fits64(uint64 a, uint64 b) external pure returns (bool) { return a <= ~uint64(0) / b; }

    function fits128(uint128 a, uint128 b) external pure returns (bool) { return a <= type(uint128).max / b; }

    function comesBack(int64 a, int64 b) external pure returns (bool) {
        unchecked { return a * b / b == a; }
    }

    function comesBack64(uint64 a, uint64 b) external pure returns (bool) {
        unchecked { return a * b / b == a; }
    }
}
