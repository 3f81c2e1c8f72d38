// SPDX-License-Identifier: Apache-2.0
// Modifiers run from left to right around the body, and after it from right to left.
pragma solidity ^0.8.27;

contract ModifierOrder {
    string public trail;

    modifier outer() {
        trail = string.concat(trail, "(o");
        _;
        trail = string.concat(trail, "o)");
    }

    modifier inner(string memory name) {
        trail = string.concat(trail, "(", name);
        _;
        trail = string.concat(trail, name, ")");
    }

    function both() external outer inner("i") returns (uint256) {
        trail = string.concat(trail, "body");
        return 5;
    }

    function reversed() external inner("x") outer {
        trail = string.concat(trail, "-");
    }

    function twice() external inner("1") inner("2") {
        return;
    }

    function clear() external {
        delete trail;
    }
}
