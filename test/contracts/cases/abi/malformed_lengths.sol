// SPDX-License-Identifier: Apache-2.0
// Lengths that no memory holds: of what stays in calldata they revert without data, of what is copied to memory they panic.
pragma solidity ^0.8.27;

contract MalformedLengths {
    enum E { A, B }

    uint256 public calls;

    function number(uint8 x) external returns (uint8) {
        calls++;
        return x;
    }

    function flag(bool x) external returns (bool) {
        calls++;
        return x;
    }

    function member(E x) external returns (E) {
        calls++;
        return x;
    }

    function text(string calldata x) external returns (uint256) {
        calls++;
        return bytes(x).length;
    }

    function list(uint256[] memory x) external returns (uint256) {
        calls++;
        return x.length;
    }

    function who(address x) external returns (address) {
        calls++;
        return x;
    }
}
