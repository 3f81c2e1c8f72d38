// SPDX-License-Identifier: Apache-2.0
// What a transfer is on every chain, and nothing else: no event, no result.
pragma solidity ^0.8.20;

contract BareToken {
    mapping(address => uint256) public balanceOf;

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
    }

    function transfer(address to, uint256 value) external {
        uint256 have = balanceOf[msg.sender];
        require(have >= value);
        balanceOf[msg.sender] = have - value;
        balanceOf[to] += value;
    }
}
