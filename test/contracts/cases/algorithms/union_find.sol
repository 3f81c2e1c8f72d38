// SPDX-License-Identifier: Apache-2.0
// Sets that join, with path halving, in storage.
pragma solidity ^0.8.27;

contract UnionFind {
    mapping(uint32 => uint32) private parent;
    mapping(uint32 => uint32) private rank;
    uint32 public sets;
    uint32 public immutable n;

    error NoElement(uint32 x);

    constructor(uint32 n_) {
        n = n_;
        sets = n_;
    }

    function find(uint32 x) public returns (uint32) {
        if (x >= n) revert NoElement(x);
        while (parent[x] != 0) {
            uint32 up = parent[x] - 1;
            if (parent[up] == 0) return up;
            parent[x] = parent[up];
            x = parent[up] - 1;
        }
        return x;
    }

    function join(uint32 x, uint32 y) external returns (bool) {
        (x, y) = (find(x), find(y));
        if (x == y) return false;
        if (rank[x] < rank[y]) (x, y) = (y, x);
        parent[y] = x + 1;
        if (rank[x] == rank[y]) rank[x]++;
        sets--;
        return true;
    }
}
