// SPDX-License-Identifier: Apache-2.0
// Whatever a failed call wrote is as before: variables, mappings, arrays, strings.
pragma solidity ^0.8.27;

contract StateIsUndone {
    struct S {
        uint8 x;
        string text;
    }

    uint256 public number = 1;
    mapping(uint256 => S) map;
    uint256[] list;
    bytes data = "abc";
    event Wrote(uint256 step);
    error Stop(uint256 number);

    function write(uint256 how) external returns (uint256) {
        number += 10;
        map[1].x = 5;
        map[1].text = "a text longer than thirty-two bytes, in a mapping";
        map[2] = map[1];
        list.push(1);
        list.push(2);
        data.push(0x64);
        emit Wrote(how);
        if (how == 1) revert Stop(number);
        if (how == 2) require(false);
        if (how == 3) assert(false);
        if (how == 4) list.push(list[how]);
        delete map[1];
        list.pop();
        return list.length;
    }

    function all() external view returns (uint256, S memory, S memory, uint256[] memory, bytes memory) {
        return (number, map[1], map[2], list, data);
    }
}
