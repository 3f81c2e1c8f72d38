// SPDX-License-Identifier: Apache-2.0
// Structs that hold arrays and mappings of themselves.
pragma solidity ^0.8.27;

contract RecursiveStructs {
    struct Tree {
        int256 value;
        Tree[] children;
    }

    struct Trie {
        bool end;
        mapping(bytes1 => Trie) next;
        uint256 count;
    }

    Tree root;
    Trie words;

    function grow(uint256[] calldata path, int256 value) external returns (uint256) {
        Tree storage at = root;
        for (uint256 i = 0; i < path.length; i++) {
            while (at.children.length <= path[i]) at.children.push();
            at = at.children[path[i]];
        }
        at.value += value;
        return root.children.length;
    }

    function sum() external view returns (int256) {
        return sumOf(root);
    }

    function sumOf(Tree storage tree) private view returns (int256 s) {
        s = tree.value;
        for (uint256 i = 0; i < tree.children.length; i++) s += sumOf(tree.children[i]);
    }

    function cut(uint256 i) external {
        root.children[i] = root.children[root.children.length - 1];
        root.children.pop();
    }

    function add(string calldata word) external {
        Trie storage at = words;
        bytes calldata b = bytes(word);
        for (uint256 i = 0; i < b.length; i++) {
            at = at.next[b[i]];
            at.count++;
        }
        at.end = true;
    }

    function find(string calldata word) external view returns (bool, uint256) {
        Trie storage at = words;
        for (uint256 i = 0; i < bytes(word).length; i++) at = at.next[bytes(word)[i]];
        return (at.end, at.count);
    }
}
