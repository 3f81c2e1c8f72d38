// SPDX-License-Identifier: Apache-2.0
// A virtual function called in a base constructor is the most derived one, before derived state is set by its constructor.
pragma solidity ^0.8.27;

contract Base {
    uint256 public seen;

    constructor() {
        seen = value();
    }

    function value() public view virtual returns (uint256) {
        return 1;
    }
}

contract VirtualFromConstructor is Base {
    uint256 initial;
    uint256 later;

    constructor() {
        initial = 40;
        later = 2;
    }

    function value() public view override returns (uint256) {
        return super.value() + initial + later;
    }
}
