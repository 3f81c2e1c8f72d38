// SPDX-License-Identifier: Apache-2.0
// Rewards per time shared by stake, kept as an accumulated rate.
pragma solidity ^0.8.27;

contract Staking {
    uint256 public constant RATE = 100;
    uint256 private constant SCALE = 1e18;
    uint256 public total;
    uint256 public accumulated;
    uint256 private last = block.timestamp;
    mapping(address => uint256) public staked;
    mapping(address => uint256) private debt;
    mapping(address => uint256) public owed;

    modifier updates(address who) {
        if (total > 0) accumulated += (block.timestamp - last) * RATE * SCALE / total;
        last = block.timestamp;
        owed[who] += staked[who] * (accumulated - debt[who]) / SCALE;
        debt[who] = accumulated;
        _;
    }

    function stake(uint256 amount) external updates(msg.sender) {
        require(amount > 0, "zero");
        staked[msg.sender] += amount;
        total += amount;
    }

    function unstake(uint256 amount) external updates(msg.sender) {
        staked[msg.sender] -= amount;
        total -= amount;
    }

    function claim() external updates(msg.sender) returns (uint256 amount) {
        amount = owed[msg.sender];
        owed[msg.sender] = 0;
    }
}
