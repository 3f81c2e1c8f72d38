// SPDX-License-Identifier: Apache-2.0
// Structs and arrays in memory are references: assignments share, parameters too.
pragma solidity ^0.8.27;

contract Aliasing {
    struct Node {
        uint256 value;
        uint256[] list;
    }

    struct Pair {
        Node left;
        Node right;
    }

    function arrays() external pure returns (uint256, uint256) {
        uint256[] memory x = new uint256[](2);
        uint256[] memory y = x;
        y[0] = 5;
        x = new uint256[](2);
        x[1] = 6;
        return (y[0] + y[1], x[0] + x[1]);
    }

    function structs() external pure returns (uint256, uint256) {
        Node memory a = Node(1, new uint256[](1));
        Node memory b = a;
        b.value = 9;
        b.list[0] = 8;
        a.list = new uint256[](3);
        return (a.value, b.list.length);
    }

    function nested() external pure returns (uint256, uint256, uint256) {
        Node memory shared = Node(3, new uint256[](0));
        Pair memory pair = Pair(shared, shared);
        pair.left.value = 4;
        uint256 before = pair.right.value;
        pair.right = Node(5, new uint256[](0));
        shared.value = 6;
        return (before, pair.left.value, pair.right.value);
    }

    function change(Node memory node) private pure {
        node.value += 1;
        node = Node(100, new uint256[](0));
        node.value += 1;
    }

    function parameter() external pure returns (uint256) {
        Node memory node = Node(1, new uint256[](0));
        change(node);
        return node.value;
    }

    function rows() external pure returns (uint256[][] memory grid) {
        uint256[] memory row = new uint256[](2);
        grid = new uint256[][](3);
        grid[0] = row;
        grid[2] = row;
        row[1] = 7;
        grid[2][0] = 5;
    }
}
