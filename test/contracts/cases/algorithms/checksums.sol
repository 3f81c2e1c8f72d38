// SPDX-License-Identifier: Apache-2.0
// CRC-32, Adler-32, FNV-1a and a linear generator: wrapping arithmetic of given widths.
pragma solidity ^0.8.27;

contract Checksums {
    function crc32(bytes calldata data) external pure returns (uint32 crc) {
        crc = type(uint32).max;
        for (uint256 i = 0; i < data.length; i++) {
            crc ^= uint8(data[i]);
            for (uint256 j = 0; j < 8; j++) crc = crc & 1 == 1 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
        }
        return ~crc;
    }

    function adler32(bytes calldata data) external pure returns (uint32) {
        uint32 a = 1;
        uint32 b = 0;
        for (uint256 i = 0; i < data.length; i++) {
            a = (a + uint8(data[i])) % 65521;
            b = (b + a) % 65521;
        }
        return (b << 16) | a;
    }

    function fnv(string calldata text) external pure returns (uint64 h) {
        h = 0xcbf29ce484222325;
        unchecked {
            for (uint256 i = 0; i < bytes(text).length; i++) h = (h ^ uint8(bytes(text)[i])) * 0x100000001b3;
        }
    }

    function random(uint64 seed, uint256 n) external pure returns (uint64[] memory list) {
        list = new uint64[](n);
        unchecked {
            for (uint256 i = 0; i < n; i++) {
                seed = seed * 6364136223846793005 + 1442695040888963407;
                list[i] = seed >> 33;
            }
        }
    }

    function rotate(uint32 x, uint8 n) external pure returns (uint32) {
        n %= 32;
        return n == 0 ? x : (x << n) | (x >> (32 - n));
    }
}
