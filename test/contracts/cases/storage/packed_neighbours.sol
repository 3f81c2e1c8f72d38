// SPDX-License-Identifier: Apache-2.0
// Small variables beside each other: writing one leaves the others.
pragma solidity ^0.8.27;

contract PackedNeighbours {
    uint8 first = 0xff;
    int16 second = -1;
    bool third = true;
    address fourth = address(type(uint160).max);
    uint32 fifth = 0xffffffff;
    int8 sixth = -1;
    bytes3 seventh = 0xffffff;
    uint256 eighth = type(uint256).max;
    uint128 ninth = type(uint128).max;
    int128 tenth = -1;

    function all() external view returns (uint8, int16, bool, address, uint32, int8, bytes3, uint256, uint128, int128) {
        return (first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth);
    }

    function zeroOdd() external {
        first = 0;
        third = false;
        fifth = 0;
        seventh = 0;
        ninth = 0;
    }

    function change() external {
        first += 3;
        second -= 32767;
        third = !third;
        fourth = address(uint160(fourth) - 5);
        fifth++;
        sixth *= -128 / 64;
        seventh = "abc";
        tenth = type(int128).min;
    }

    function swap() external {
        (second, sixth) = (int16(sixth) - 100, int8(second / 1000));
    }

    function fail() external {
        fifth = 7;
        sixth = -128;
        sixth = -sixth;
    }
}
