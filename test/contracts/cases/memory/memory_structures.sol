// SPDX-License-Identifier: Apache-2.0
// Lists, trees and graphs in memory by structs that hold arrays of structs.
pragma solidity ^0.8.27;

contract MemoryStructures {
    struct Node {
        int256 key;
        Node[] children;
    }

    function build(uint256 depth, int256 key) internal pure returns (Node memory node) {
        node.key = key;
        if (depth == 0) return node;
        node.children = new Node[](2);
        node.children[0] = build(depth - 1, key * 2);
        node.children[1] = build(depth - 1, key * 2 + 1);
    }

    function sum(Node memory node) internal pure returns (int256 s) {
        s = node.key;
        for (uint256 i = 0; i < node.children.length; i++) s += sum(node.children[i]);
    }

    function mirror(Node memory node) internal pure {
        if (node.children.length == 2) (node.children[0], node.children[1]) = (node.children[1], node.children[0]);
        for (uint256 i = 0; i < node.children.length; i++) mirror(node.children[i]);
    }

    function leftmost(Node memory node) internal pure returns (int256) {
        while (node.children.length > 0) node = node.children[0];
        return node.key;
    }

    function run(uint256 depth) external pure returns (int256 total, int256 left, int256 mirrored) {
        Node memory root = build(depth, 1);
        total = sum(root);
        left = leftmost(root);
        mirror(root);
        mirrored = leftmost(root);
    }

    function shared() external pure returns (int256) {
        Node memory leaf = build(0, 5);
        Node memory root = build(1, 1);
        root.children[0] = leaf;
        root.children[1] = leaf;
        leaf.key = 10;
        root.children[1].key++;
        return sum(root);
    }
}
