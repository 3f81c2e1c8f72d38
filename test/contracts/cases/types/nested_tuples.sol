// SPDX-License-Identifier: Apache-2.0
// Tuples in tuples, with holes, in and without parentheses.
pragma solidity ^0.8.27;

contract NestedTuples {
    uint256 public state;
    bytes data;

    function pairs() external pure returns (uint256 a, bool b, uint256 c) {
        ((a, b)) = (2, true);
        (((, c), )) = ((7, 8), 9);
        (a, ) = (a + 1, (5, 6, 7));
    }

    function texts() external pure returns (bytes memory a, bytes memory b, bytes memory c) {
        (a, (b, c)) = ("0", ("1", "22"));
    }

    function places() external returns (uint256, uint256) {
        uint256[2] memory list;
        ((state, list[1]), (list[0])) = ((3, 4), 5);
        return (list[0], list[1]);
    }

    function pushed() external returns (bytes memory) {
        ((data.push(), data.push()), data.push()) = ((0x01, 0x02), 0x03);
        return data;
    }
}
