// SPDX-License-Identifier: Apache-2.0
// A constructor that is not payable rejects value.
pragma solidity ^0.8.27;

contract NotPayableConstructor {
    uint256 public x = 1;
}
