// SPDX-License-Identifier: Apache-2.0
// abi.encodePacked: widths as they are, elements of arrays padded, strings bare.
pragma solidity ^0.8.27;

contract EncodePacked {
    enum E { A, B }

    uint16[] stored;

    function values(uint8 a, int16 b, bool c, bytes3 d, address e) external pure returns (bytes memory) {
        return abi.encodePacked(a, b, c, d, e, uint256(1), E.B);
    }

    function text(string calldata a, bytes memory b) external pure returns (bytes memory) {
        return abi.encodePacked(a, "-", b, hex"00");
    }

    function arrays(uint16[] memory a, bool[2] calldata b) external pure returns (bytes memory) {
        return abi.encodePacked(a, b);
    }

    function storageArray() external returns (bytes memory) {
        stored.push(1);
        stored.push(0xffff);
        return abi.encodePacked(stored, uint16(2));
    }

    function collide(string calldata a, string calldata b) external pure returns (bytes32) {
        return keccak256(abi.encodePacked(a, b));
    }

    function leaf(address who, uint256 amount) external pure returns (bytes32) {
        return keccak256(abi.encodePacked(who, amount));
    }
}
