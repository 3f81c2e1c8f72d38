// SPDX-License-Identifier: Apache-2.0
// The require in a constructor that takes arrays.
pragma solidity ^0.8.27;

contract ConstructorLengths {
    constructor(address[] memory who, uint16[] memory rows) {
        require(who.length == rows.length, "lengths differ");
    }
}
