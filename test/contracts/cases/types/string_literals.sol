// SPDX-License-Identifier: Apache-2.0
// Literals with escapes, joined, Unicode; as bytes and in comparison by hash.
pragma solidity ^0.8.27;

contract StringLiterals {
    function escapes() external pure returns (string memory) {
        return "tab\t quote\" back\\ line\n hex\x41 unicode\u00e9";
    }

    function joined() external pure returns (string memory) {
        return "one " "two "
            'three';
    }

    function unicodeText() external pure returns (string memory, uint256) {
        string memory s = unicode"Grüße ☃";
        return (s, bytes(s).length);
    }

    function hexText() external pure returns (bytes memory, bytes memory) {
        return (hex"00_11_22" hex"33", hex'ff');
    }

    function equal(string memory x) external pure returns (bool) {
        return keccak256(bytes(x)) == keccak256("yes");
    }

    function firstByte(string calldata x) external pure returns (bytes1) {
        return bytes(x)[0];
    }
}
