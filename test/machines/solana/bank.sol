// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// What hostile_test attacks: an entry of a mapping for each holder, a list, a text.
contract Bank {
    mapping(address => uint256) public balanceOf;
    mapping(uint64 => uint128) public shares;
    uint256 public supply;
    address public owner;
    uint64[] public list;
    string public note;

    event Moved(address indexed from, address indexed to, uint256 value);
    error TooMuch(uint256 have, uint256 want);

    constructor(uint256 first) {
        owner = msg.sender;
        supply = first;
        balanceOf[msg.sender] = first;
    }

    function move(address to, uint256 value) external returns (bool) {
        uint256 have = balanceOf[msg.sender];
        if (have < value) revert TooMuch(have, value);
        balanceOf[msg.sender] = have - value;
        balanceOf[to] += value;
        emit Moved(msg.sender, to, value);
        return true;
    }

    function setShare(uint64 key, uint128 value) external { shares[key] = value; }

    function append(uint64 value) external { list.push(value); }

    function write(string calldata text) external { note = text; }

    function twice(uint256 value) external pure returns (uint256) { return value * 2; }

    function sum() external view returns (uint256 total) {
        for (uint256 i = 0; i < list.length; ++i) total += list[i];
    }
}
