// SPDX-License-Identifier: Apache-2.0
// bytes.concat and string.concat of all that they take.
pragma solidity ^0.8.27;

contract Concat {
    string stored = "stored";
    bytes long = "a long stored text, of more than thirty-two bytes";

    function strings(string memory x, string calldata y) external view returns (string memory) {
        return string.concat(x, "-", y, "-", stored);
    }

    function data(bytes memory x, bytes4 y, bytes1 z) external view returns (bytes memory) {
        return bytes.concat(x, y, z, "lit", hex"00", long);
    }

    function none() external pure returns (string memory, bytes memory) {
        return (string.concat(), bytes.concat());
    }

    function repeat(string memory x, uint256 n) external pure returns (string memory r) {
        for (uint256 i = 0; i < n; i++) r = string.concat(r, x);
    }

    function join(string[] calldata parts, string calldata separator) external pure returns (string memory r) {
        for (uint256 i = 0; i < parts.length; i++) r = i == 0 ? parts[0] : string.concat(r, separator, parts[i]);
    }

    function copyIsFresh(bytes memory x) external pure returns (bytes memory, bytes memory) {
        bytes memory y = bytes.concat(x);
        y[0] = 0x00;
        return (x, y);
    }
}
