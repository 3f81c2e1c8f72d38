// SPDX-License-Identifier: Apache-2.0
// keccak256 and sha256 at several lengths.
pragma solidity ^0.8.27;

contract Hashes {
    function all(bytes calldata x) external pure returns (bytes32, bytes32) {
        return (keccak256(x), sha256(x));
    }

    function ofMemory(uint256 n) external pure returns (bytes32, bytes32) {
        bytes memory x = new bytes(n);
        for (uint256 i = 0; i < n; i++) x[i] = bytes1(uint8(i * 7));
        return (keccak256(x), sha256(x));
    }

    function chain(uint256 n) external pure returns (bytes32 h) {
        for (uint256 i = 0; i < n; i++) h = keccak256(abi.encodePacked(h, i));
    }

    function asNumber(string calldata x) external pure returns (uint256) {
        return uint256(keccak256(bytes(x))) % 1000;
    }
}
