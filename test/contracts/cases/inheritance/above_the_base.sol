// SPDX-License-Identifier: Apache-2.0
// Bases that a function overrides are found on every way up: an interface stays one of them beside the contract that implements it.
pragma solidity ^0.8.27;

interface Named {
    function name() external pure returns (uint256);
}

contract First is Named {
    function name() public pure virtual returns (uint256) {
        return 1;
    }
}

interface Wider is Named {}

contract Both is Wider, First {}

contract Other {
    function name() public pure virtual returns (uint256) {
        return 2;
    }
}

abstract contract Priced {
    function price() external pure virtual returns (uint256);
}

contract AboveTheBase is Both, Other, Priced {
    uint256 public constant override price = 7;

    function name() public pure override(Named, First, Other) returns (uint256) {
        return 10 * super.name() + First.name();
    }
}
