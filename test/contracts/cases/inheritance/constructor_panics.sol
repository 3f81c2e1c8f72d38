// SPDX-License-Identifier: Apache-2.0
// A panic in a base's state variable.
pragma solidity ^0.8.27;

contract Base {
    uint8 public x = 255;
    uint8 public y = x + one();

    function one() internal pure virtual returns (uint8) {
        return 0;
    }
}

contract ConstructorPanics is Base {
    function one() internal pure override returns (uint8) {
        return 1;
    }
}
