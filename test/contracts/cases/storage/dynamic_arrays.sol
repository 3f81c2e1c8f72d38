// SPDX-License-Identifier: Apache-2.0
// push, pop, delete, length, and what is beyond the end.
pragma solidity ^0.8.27;

contract DynamicArrays {
    uint256[] public list;

    function push(uint256 x) external returns (uint256) {
        list.push(x);
        return list.length;
    }

    function pushEmpty() external returns (uint256) {
        list.push() = 42;
        list.push();
        return list.length;
    }

    function pop() external {
        list.pop();
    }

    function set(uint256 i, uint256 x) external {
        list[i] = x;
    }

    function clear() external {
        delete list;
    }

    function zero(uint256 i) external {
        delete list[i];
    }

    function all() external view returns (uint256[] memory) {
        return list;
    }

    function replace(uint256[] calldata values) external {
        list = values;
    }

    function removeUnordered(uint256 i) external {
        list[i] = list[list.length - 1];
        list.pop();
    }
}
