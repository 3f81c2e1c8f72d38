// SPDX-License-Identifier: Apache-2.0
// Which side is cut or filled when bytesN, integers, addresses and bytes turn into each other.
pragma solidity ^0.8.27;

contract BytesConversions {
    function chain(uint256 x) external pure returns (bytes32, bytes16, bytes1, uint8, uint128) {
        bytes32 b = bytes32(x);
        return (b, bytes16(b), b[31], uint8(bytes1(b)), uint128(bytes16(b)));
    }

    function low(uint256 x) external pure returns (bytes16, bytes4, uint32) {
        return (bytes16(uint128(x)), bytes4(uint32(x)), uint32(bytes4(uint32(x))));
    }

    function fromBytes(bytes memory x) external pure returns (bytes2, bytes32, uint256) {
        return (bytes2(x), bytes32(x), uint256(bytes32(x)) >> 248);
    }

    function toAddress(bytes calldata x) external pure returns (address) {
        return address(bytes20(x[:20]));
    }

    function text(bytes32 x) external pure returns (string memory) {
        uint256 n = 0;
        while (n < 32 && x[n] != 0) n++;
        bytes memory b = new bytes(n);
        for (uint256 i = 0; i < n; i++) b[i] = x[i];
        return string(b);
    }

    function compare(bytes4 x, bytes8 y) external pure returns (bool, bool) {
        return (x == bytes4(y), bytes8(x) == y);
    }
}
