// SPDX-License-Identifier: Apache-2.0
// A binary heap of numbers with the smallest on top.
pragma solidity ^0.8.27;

contract Heap {
    uint256[] private items;
    error Empty();

    function size() external view returns (uint256) {
        return items.length;
    }

    function push(uint256 x) public {
        items.push(x);
        uint256 i = items.length - 1;
        while (i > 0) {
            uint256 parent = (i - 1) / 2;
            if (items[parent] <= items[i]) break;
            (items[parent], items[i]) = (items[i], items[parent]);
            i = parent;
        }
    }

    function pop() public returns (uint256 top) {
        uint256 n = items.length;
        if (n == 0) revert Empty();
        top = items[0];
        items[0] = items[n - 1];
        items.pop();
        n--;
        uint256 i = 0;
        while (true) {
            uint256 child = 2 * i + 1;
            if (child >= n) break;
            if (child + 1 < n && items[child + 1] < items[child]) child++;
            if (items[i] <= items[child]) break;
            (items[child], items[i]) = (items[i], items[child]);
            i = child;
        }
    }

    function sorted(uint256[] calldata x) external returns (uint256[] memory r) {
        r = new uint256[](x.length);
        for (uint256 i = 0; i < x.length; i++) push(x[i]);
        for (uint256 i = 0; i < x.length; i++) r[i] = pop();
    }
}
