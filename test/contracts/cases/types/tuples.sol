// SPDX-License-Identifier: Apache-2.0
// Tuples: swaps, parts left out, nested conditions, assignment from right to left.
pragma solidity ^0.8.27;

contract Tuples {
    uint256 x = 1;
    uint256 y = 2;
    uint256[] list;

    function swapState() external returns (uint256, uint256) {
        (x, y) = (y, x);
        return (x, y);
    }

    function rotate(uint256 a, uint256 b, uint256 c) external pure returns (uint256, uint256, uint256) {
        (a, b, c) = (b, c, a);
        return (a, b, c);
    }

    function swapElements(uint256[] memory a, uint256 i, uint256 j) external pure returns (uint256[] memory) {
        (a[i], a[j]) = (a[j], a[i]);
        return a;
    }

    function partly() external returns (uint256, uint256) {
        (x, ) = (50, 60);
        (, y) = (70, 80);
        return (x, y);
    }

    function last() external pure returns (uint256 z) {
        (z, z) = (1, 2);
    }

    function mixed() external returns (uint256, bool, string memory) {
        list.push(4);
        (uint256 n, bool b, string memory s) = (list.length, list[0] == 4, "text");
        (list[0], b) = (n + 9, !b);
        return (list[0], b, s);
    }
}
