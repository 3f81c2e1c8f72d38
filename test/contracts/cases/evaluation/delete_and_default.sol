// SPDX-License-Identifier: Apache-2.0
// What a declared variable holds before anything is assigned.
pragma solidity ^0.8.27;

contract DeleteAndDefault {
    struct S {
        uint256 x;
        string s;
        address[] list;
    }

    enum E { First, Second }

    function values() external pure returns (uint256 a, int8 b, bool c, address d, bytes4 e, E f, string memory g, bytes memory h) {}

    function references() external pure returns (S memory a, uint256[] memory b, uint8[3] memory c, string[] memory d) {}

    function localsInLoop() external pure returns (uint256 s) {
        for (uint256 i = 0; i < 3; i++) {
            uint256 x;
            S memory t;
            s += x + t.x;
            x = 5;
            t.x = 7;
        }
    }

    function afterDelete() external pure returns (uint256, string memory, uint256) {
        S memory a = S(5, "text", new address[](2));
        S memory b = a;
        delete a;
        return (a.x + b.x, a.s, a.list.length + b.list.length);
    }
}
