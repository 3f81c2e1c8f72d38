// SPDX-License-Identifier: Apache-2.0
// bytes in memory: index, write, lengths, conversion to and from strings.
pragma solidity ^0.8.27;

contract BytesMemory {
    function at(bytes memory x, uint256 i) external pure returns (bytes1) {
        return x[i];
    }

    function set(bytes memory x, uint256 i, bytes1 y) external pure returns (bytes memory) {
        x[i] = y;
        return x;
    }

    function upper(string memory x) external pure returns (string memory) {
        bytes memory b = bytes(x);
        for (uint256 i = 0; i < b.length; i++) if (b[i] >= "a" && b[i] <= "z") b[i] = bytes1(uint8(b[i]) - 32);
        return string(b);
    }

    function shares(string memory x) external pure returns (string memory) {
        bytes(x)[0] = "X";
        return x;
    }

    function reverse(bytes calldata x) external pure returns (bytes memory r) {
        r = new bytes(x.length);
        for (uint256 i = 0; i < x.length; i++) r[x.length - 1 - i] = x[i];
    }

    function count(bytes calldata x, bytes1 y) external pure returns (uint256 n) {
        for (uint256 i = 0; i < x.length; i++) if (x[i] == y) n++;
    }

    function toFixed(bytes memory x) external pure returns (bytes4, bytes32) {
        return (bytes4(x), bytes32(x));
    }

    function toFixedCalldata(bytes calldata x) external pure returns (bytes4, bytes32) {
        return (bytes4(x), bytes32(x));
    }
}
