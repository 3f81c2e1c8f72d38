// SPDX-License-Identifier: Apache-2.0
// And, or, xor and not on integers of several widths, by their width and sign.
pragma solidity ^0.8.27;

contract Bitwise {
    function all8(uint8 x, uint8 y) external pure returns (uint8, uint8, uint8, uint8) {
        return (x & y, x | y, x ^ y, ~x);
    }

    function all24(int24 x, int24 y) external pure returns (int24, int24, int24, int24) {
        return (x & y, x | y, x ^ y, ~x);
    }

    function all256(uint256 x, uint256 y) external pure returns (uint256, uint256, uint256, uint256) {
        return (x & y, x | y, x ^ y, ~x);
    }

    function mixed(uint8 x, uint16 y) external pure returns (uint16) {
        return x | (y & 0xff0f);
    }

    function compound(uint32 x, uint32 y) external pure returns (uint32 r) {
        r = x;
        r &= y;
        r |= 0xf0;
        r ^= x;
        r <<= 3;
        r >>= 1;
    }

    function lowestBit(uint256 x) external pure returns (uint256) {
        unchecked {
            return x & (0 - x);
        }
    }
}
