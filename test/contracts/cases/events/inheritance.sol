// SPDX-License-Identifier: Apache-2.0
// Events of bases, interfaces, libraries and files; overloaded events; from modifiers and constructors.
pragma solidity ^0.8.27;

event Free(uint256 x);

interface IEvents {
    event Declared(address indexed who);
}

library Lib {
    event FromLibrary(string what);

    function note(string memory what) internal {
        emit FromLibrary(what);
    }
}

contract Base is IEvents {
    event Log(uint256 x);
    event Log(string x);
    event Log(uint256 x, string y);

    constructor(uint256 x) {
        emit Log(x, "base");
    }

    modifier logged() {
        emit Log("before");
        _;
        emit Log("after");
    }
}

contract Events is Base {
    constructor() Base(4) {
        emit Declared(msg.sender);
        emit Free(1);
    }

    function run(uint256 x) external logged returns (uint256) {
        emit Log(x);
        Lib.note("library");
        emit Free(x);
        emit IEvents.Declared(address(1));
        return x;
    }
}
