// SPDX-License-Identifier: Apache-2.0
// A set of numbers as bits of words.
pragma solidity ^0.8.27;

contract Bitmaps {
    mapping(uint256 => uint256) private words;

    function get(uint256 i) public view returns (bool) {
        return words[i >> 8] & (1 << (i & 0xff)) != 0;
    }

    function set(uint256 i) external {
        words[i >> 8] |= 1 << (i & 0xff);
    }

    function unset(uint256 i) external {
        words[i >> 8] &= ~(1 << (i & 0xff));
    }

    function toggle(uint256 i) external returns (bool) {
        words[i >> 8] ^= 1 << (i & 0xff);
        return get(i);
    }

    function word(uint256 i) external view returns (uint256) {
        return words[i];
    }

    function count(uint256 i) external view returns (uint256 n) {
        for (uint256 w = words[i]; w != 0; w &= w - 1) n++;
    }

    function first(uint256 i) external view returns (uint256 n) {
        uint256 w = words[i];
        require(w != 0, "empty");
        while (w & 1 == 0) {
            w >>= 1;
            n++;
        }
    }
}
