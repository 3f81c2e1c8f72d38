// SPDX-License-Identifier: Apache-2.0
// Arrays of small elements: neighbours within a word and across words.
pragma solidity ^0.8.27;

contract PackedArrays {
    uint8[40] bytesFixed;
    uint24[] threes;
    int64[5] signed;
    bool[] flags;
    address[] people;

    function setByte(uint256 i, uint8 x) external {
        bytesFixed[i] = x;
    }

    function fill(uint256 n) external {
        for (uint256 i = 0; i < n; i++) {
            threes.push(uint24(0xffff00 + i));
            flags.push(i % 3 == 0);
        }
        for (uint256 i = 0; i < 5; i++) signed[i] = -int64(uint64(i)) * 1000;
        people.push(msg.sender);
        people.push(address(0xffff));
    }

    function change(uint256 i) external {
        threes[i] = 1;
        threes[i + 1] -= 0xff;
        signed[2] = type(int64).min;
        flags[i] = !flags[i];
        threes.pop();
    }

    function all() external view returns (uint24[] memory, int64[5] memory, bool[] memory, address[] memory) {
        return (threes, signed, flags, people);
    }

    function allBytes() external view returns (uint8[40] memory) {
        return bytesFixed;
    }
}
