// SPDX-License-Identifier: Apache-2.0
// Overrides over several steps, named bases, super in the middle, overriding getters.
pragma solidity ^0.8.27;

contract A {
    function f(uint256 x) public pure virtual returns (uint256) {
        return x + 1;
    }

    function g() external view virtual returns (uint256) {
        return 5;
    }
}

contract B is A {
    function f(uint256 x) public pure virtual override returns (uint256) {
        return super.f(x) * 2;
    }
}

contract C is B {
    uint256 public override g = 77;

    function f(uint256 x) public pure override returns (uint256) {
        return super.f(x) + A.f(x) * 100 + B.f(x) * 10000;
    }

    function setG(uint256 x) external {
        g = x;
    }
}
