// SPDX-License-Identifier: Apache-2.0
// A constructor that reverts leaves no contract.
pragma solidity ^0.8.27;

contract ConstructorFails {
    error Bad(uint256 x);

    constructor(uint256 x) {
        if (x > 10) revert Bad(x);
    }
}
