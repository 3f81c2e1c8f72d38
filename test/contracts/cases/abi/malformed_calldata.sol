// SPDX-License-Identifier: Apache-2.0
// Calldata that no encoder writes: the call reverts without data and nothing changes.
pragma solidity ^0.8.27;

contract MalformedCalldata {
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
