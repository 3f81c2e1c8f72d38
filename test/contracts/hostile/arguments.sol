// SPDX-License-Identifier: Apache-2.0
// Functions for `hostile_arguments`: parameters of every kind, each of which changes the state before it gives back what it took.
pragma solidity ^0.8.27;

contract Arguments {
    enum Kind { A, B, C }

    struct Pair {
        uint8 a;
        string s;
    }

    uint256 public calls;
    mapping(address => uint256) public seen;
    uint256[] list;

    constructor(uint256 start) {
        list.push(start);
    }

    modifier counted() {
        calls++;
        seen[msg.sender]++;
        _;
    }

    function narrow(uint8 x) external counted returns (uint8) { return x; }
    function odd(uint24 x) external counted returns (uint24) { return x; }
    function signed(int16 x) external counted returns (int16) { return x; }
    function wide(uint256 x) external counted returns (uint256) { return x; }
    function flag(bool x) external counted returns (bool) { return x; }
    function kind(Kind x) external counted returns (Kind) { return x; }
    function who(address x) external counted returns (address) { return x; }
    function word(bytes32 x) external counted returns (bytes32) { return x; }
    function three(bytes3 x) external counted returns (bytes3) { return x; }
    function blob(bytes memory x) external counted returns (bytes memory) { return x; }
    function text(string memory x) external counted returns (string memory) { return x; }
    function many(uint64[] memory x) external counted returns (uint64[] memory) { return x; }
    function few(uint8[3] memory x) external counted returns (uint8[3] memory) { return x; }
    function pair(Pair memory x) external counted returns (uint8) { return x.a; }
    function pairs(Pair[] memory x) external counted returns (uint256) { return x.length; }

    function add(uint8 x) external counted returns (uint8) { return 250 + x; }
    function divide(uint256 x) external counted returns (uint256) { return 10 / x; }
    function at(uint256 i) external counted returns (uint256) { return list[i]; }
    function member(uint256 i) external counted returns (Kind) { return Kind(i); }
    function drop() external counted { list.pop(); }
    function grow(uint256 n) external counted returns (uint256) { return new uint256[](n).length; }
}
