// SPDX-License-Identifier: Apache-2.0
// Swapping value elements in storage works; assignments of a tuple go on with what was read before.
pragma solidity ^0.8.27;

contract StorageTupleSwap {
    uint256[] list;
    mapping(uint256 => uint256) map;
    uint8 small = 1;
    uint8 other = 2;

    function swap(uint256 i, uint256 j) external returns (uint256[] memory) {
        if (list.length == 0) list = [uint256(10), 20, 30];
        (list[i], list[j]) = (list[j], list[i]);
        return list;
    }

    function three() external returns (uint256, uint256, uint256) {
        map[1] = 11;
        map[2] = 22;
        map[3] = 33;
        (map[1], map[2], map[3]) = (map[3], map[1], map[2]);
        return (map[1], map[2], map[3]);
    }

    function packed() external returns (uint8, uint8) {
        (small, other) = (other, small + 100);
        return (small, other);
    }
}
