// SPDX-License-Identifier: Apache-2.0
// A queue of fixed room, first in first out; a double-ended queue with signed positions.
pragma solidity ^0.8.27;

contract RingBuffer {
    bytes32[4] private ring;
    uint256 private head;
    uint256 private count;

    mapping(int128 => uint256) private items;
    int128 private begin;
    int128 private end;

    error Full(uint256 room);
    error Empty();

    function put(bytes32 x) external returns (uint256) {
        if (count == ring.length) revert Full(ring.length);
        ring[(head + count++) % ring.length] = x;
        return count;
    }

    function take() external returns (bytes32 x) {
        if (count == 0) revert Empty();
        x = ring[head];
        delete ring[head];
        head = (head + 1) % ring.length;
        count--;
    }

    function all() external view returns (bytes32[4] memory) {
        return ring;
    }

    function pushFront(uint256 x) external {
        items[--begin] = x;
    }

    function pushBack(uint256 x) external {
        items[end++] = x;
    }

    function popFront() external returns (uint256 x) {
        if (begin >= end) revert Empty();
        x = items[begin];
        delete items[begin++];
    }

    function popBack() external returns (uint256 x) {
        if (begin == end) revert Empty();
        x = items[--end];
        delete items[end];
    }

    function at(uint256 i) external view returns (uint256) {
        require(i < uint256(int256(end - begin)), "no item");
        return items[begin + int128(int256(i))];
    }
}
