// SPDX-License-Identifier: Apache-2.0
// The first element of an array literal says the type; literals behind it take it.
pragma solidity ^0.8.27;

contract MixedArrayLiterals {
    function small() external pure returns (int8, int256) {
        int8[5] memory list = [int8(1), -1, 0, 100, -128];
        return (list[1], int256(list[3]) + list[4]);
    }

    function wide() external pure returns (uint256) {
        uint256[3] memory list = [uint256(1), 2, 300];
        return list[0] + list[1] + list[2];
    }
}
