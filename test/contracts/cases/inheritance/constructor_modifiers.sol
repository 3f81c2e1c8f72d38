// SPDX-License-Identifier: Apache-2.0
// Constructors with modifiers and base arguments in their order; bases with state of their own.
pragma solidity ^0.8.27;

contract Log {
    string public trail;

    function note(string memory s) internal returns (uint256) {
        trail = string.concat(trail, s, " ");
        return bytes(s).length;
    }

    modifier noted(string memory s) {
        note(string.concat("<", s));
        _;
        note(string.concat(s, ">"));
    }
}

contract First is Log {
    uint256 public first;

    constructor(uint256 x) noted("first") {
        first = x;
        note("in first");
    }
}

contract Second is Log {
    uint256 public second;

    constructor(uint256 x) noted("second") {
        second = x;
        note("in second");
    }
}

contract Derived is First, Second {
    uint256 public third;

    constructor(uint256 x) noted("a") First(x + 1) noted("b") Second(x * 2) {
        third = first + second;
        note("in derived");
    }
}
