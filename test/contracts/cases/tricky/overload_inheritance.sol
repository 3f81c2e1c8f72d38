// SPDX-License-Identifier: Apache-2.0
// Overloads over several bases; hidden and inherited ones are all there.
pragma solidity ^0.8.27;

contract One {
    function f(uint8 x) public pure virtual returns (string memory) {
        return x > 0 ? "One.uint8" : "One.zero";
    }
}

contract Two is One {
    function f(bool) public pure returns (string memory) {
        return "Two.bool";
    }

    function g() public pure virtual returns (string memory) {
        return f(uint8(1));
    }
}

contract Three is Two {
    function f(uint8 x) public pure override returns (string memory) {
        return string.concat("Three.", super.f(x));
    }

    function f(uint8 x, uint8 y) public pure returns (string memory) {
        return string.concat(f(x), "+", f(y), "+", f(x == y));
    }
}
