// SPDX-License-Identifier: Apache-2.0
// bytesN: index, length, comparison, bits, conversion of lengths and to integers.
pragma solidity ^0.8.27;

contract FixedBytes {
    function at(bytes8 x, uint256 i) external pure returns (bytes1) {
        return x[i];
    }

    function length() external pure returns (uint256, uint256) {
        return (bytes32(0).length, bytes3("abc").length);
    }

    function resize(bytes4 x) external pure returns (bytes2, bytes8, bytes32) {
        return (bytes2(x), bytes8(x), bytes32(x));
    }

    function toInteger(bytes4 x) external pure returns (uint32, uint256, uint8) {
        return (uint32(x), uint256(bytes32(x)), uint8(bytes1(x)));
    }

    function fromInteger(uint64 x) external pure returns (bytes8, bytes4, bytes32) {
        return (bytes8(x), bytes4(uint32(x)), bytes32(uint256(x)));
    }

    function bits(bytes3 x, bytes3 y) external pure returns (bytes3, bytes3, bytes3, bytes3) {
        return (x & y, x | y, x ^ y, ~x);
    }

    function literals() external pure returns (bytes4, bytes3, bytes2, bytes32) {
        return ("abcd", hex"0102", 0xffee, "");
    }

    function sum(bytes32 x) external pure returns (uint256 s) {
        for (uint256 i = 0; i < x.length; i++) s += uint8(x[i]);
    }

    function inAddress(address x) external pure returns (bytes20, uint160, address) {
        bytes20 y = bytes20(x);
        return (y, uint160(x), address(y << 8));
    }
}
