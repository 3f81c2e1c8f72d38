// SPDX-License-Identifier: Apache-2.0
// Loops over several variables, with empty bodies, with changes in conditions.
pragma solidity ^0.8.27;

contract ForWithTuples {
    function meet(uint256 n) external pure returns (uint256 rounds, uint256 i, uint256 j) {
        for ((i, j) = (0, n); i < j; (i, j) = (i + 1, j - 1)) rounds++;
    }

    function declared(uint256 n) external pure returns (uint256 s) {
        for ((uint256 x, uint256 y) = (1, 1); x < n; (x, y) = (y, x + y)) s += x;
    }

    function emptyBody(uint256[] calldata list, uint256 x) external pure returns (uint256 i) {
        for (; i < list.length && list[i] != x; i++) {}
    }

    function effects(uint256 n) external pure returns (uint256 count) {
        uint256 i = n;
        while (i-- > 0) count = count * 10 + i;
    }

    function assigned(uint256 n) external pure returns (uint256 s) {
        uint256 x;
        while ((x = n / 2) > 0) {
            s += x;
            n = x;
        }
    }

    function chained() external pure returns (uint256 a, uint256 b, uint256 c) {
        a = b = c = 5;
        a += b *= c -= 2;
    }
}
