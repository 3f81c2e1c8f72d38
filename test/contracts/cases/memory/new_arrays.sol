// SPDX-License-Identifier: Apache-2.0
// new: zeroed, empty, of references; lengths out of reason panic.
pragma solidity ^0.8.27;

contract NewArrays {
    struct P {
        int8 x;
        string s;
    }

    function make(uint256 n) external pure returns (uint256[] memory) {
        return new uint256[](n);
    }

    function makeStructs(uint256 n) external pure returns (P[] memory list) {
        list = new P[](n);
        if (n > 0) list[0].x = -1;
    }

    function makeStrings() external pure returns (string[] memory list, bytes[] memory blobs) {
        list = new string[](2);
        list[1] = "set";
        blobs = new bytes[](2);
    }

    function makeBytes(uint256 n) external pure returns (bytes memory data) {
        data = new bytes(n);
        if (n > 2) data[2] = 0xaa;
    }

    function makeString(uint256 n) external pure returns (uint256) {
        return bytes(new string(n)).length;
    }

    function makePairs(uint256 n) external pure returns (uint8[2][] memory list) {
        list = new uint8[2][](n);
        list[n - 1][1] = 3;
    }

    function tooLong(uint256 n) external pure returns (uint256) {
        return (new uint256[](n)).length;
    }
}
