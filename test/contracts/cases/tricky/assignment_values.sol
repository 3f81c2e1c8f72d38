// SPDX-License-Identifier: Apache-2.0
// Assignments as values; assignments to members of calls and of conditionals; chains over types.
pragma solidity ^0.8.27;

contract AssignmentValues {
    struct S {
        uint8 x;
        uint256[] list;
    }

    S one;
    S[] many;
    mapping(uint256 => S) map;
    uint256 n;

    function at(uint256 i) private returns (S storage) {
        n++;
        while (many.length <= i) many.push();
        return many[i];
    }

    function memoryOf(S memory s) private pure returns (S memory) {
        return s;
    }

    function run(uint8 x) external returns (uint256, uint256, uint256) {
        at(2).x = x;
        at(1).x += x;
        at(1).x++;
        at(0).list.push(x);
        map[at(2).x].x = one.x = at(1).x;
        uint256 y = (n = n * 10) + one.x;
        return (y, map[x].x, many[0].list.length);
    }

    function inMemory() external pure returns (uint8, uint256) {
        S memory s;
        memoryOf(s).x = 4;
        memoryOf(s).x++;
        uint256 z = (s.list = new uint256[](3)).length;
        return (s.x, z);
    }
}
