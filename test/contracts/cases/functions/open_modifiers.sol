// SPDX-License-Identifier: Apache-2.0
// Modifiers that an abstract contract leaves to those derived from it.
pragma solidity ^0.8.27;

abstract contract Guarded {
    uint256 public runs;

    modifier allowed(uint256 x) virtual;

    function run(uint256 x) external allowed(x) returns (uint256 twice) {
        runs += 1;
        twice = 2 * x;
    }
}

abstract contract Between is Guarded {
    modifier allowed(uint256 x) virtual override;
}

contract OpenModifiers is Between {
    modifier allowed(uint256 x) override {
        if (x < 10) _;
    }
}
