// SPDX-License-Identifier: Apache-2.0
// A larger C3 order: constructors run from the most basic one, each once.
pragma solidity ^0.8.27;

contract O {
    string public order = "O";

    function add(string memory s) internal returns (uint256) {
        order = string.concat(order, s);
        return bytes(order).length;
    }
}

contract A is O {
    constructor() {
        add("A");
    }
}

contract B is O {
    constructor() {
        add("B");
    }
}

contract C is A, B {
    constructor() {
        add("C");
    }
}

contract D is B {
    constructor() {
        add("D");
    }
}

contract E is A, B, D {
    constructor() {
        add("E");
    }
}
