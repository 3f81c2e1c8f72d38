// SPDX-License-Identifier: Apache-2.0
// Functions, constants, structs, errors and enums outside of contracts.
pragma solidity ^0.8.27;

uint256 constant FACTOR = 3;

enum Mode { Plain, Twice }

struct Pair {
    uint256 first;
    uint256 second;
}

error NotAllowed(Mode mode, Pair pair);

function scale(uint256 x, Mode mode) pure returns (uint256) {
    return mode == Mode.Twice ? x * FACTOR * 2 : x * FACTOR;
}

function swap(Pair memory pair) pure returns (Pair memory) {
    return Pair(pair.second, pair.first);
}

function bump(mapping(uint256 => uint256) storage map, uint256 key) returns (uint256) {
    return map[key] += FACTOR;
}

function refuse(Mode mode, Pair memory pair) pure {
    revert NotAllowed(mode, pair);
}

contract FreeFunctions {
    mapping(uint256 => uint256) public map;

    function scaled(uint256 x, Mode mode) external pure returns (uint256) {
        return scale(x, mode);
    }

    function swapped(Pair memory pair) external pure returns (Pair memory) {
        return swap(swap(swap(pair)));
    }

    function bumped(uint256 key) external returns (uint256) {
        bump(map, key);
        return bump(map, key);
    }

    function refused(uint256 x) external pure {
        refuse(Mode.Twice, Pair(x, x + 1));
    }
}
