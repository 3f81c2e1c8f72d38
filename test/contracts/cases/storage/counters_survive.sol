// SPDX-License-Identifier: Apache-2.0
// State lives between calls and senders, not beyond a reverted call.
pragma solidity ^0.8.27;

contract CountersSurvive {
    uint256 public total;
    mapping(address => uint256) public mine;
    uint256[] public log;

    function add(uint256 x) external returns (uint256) {
        total += x;
        mine[msg.sender] += x;
        log.push(x);
        require(total <= 100, "too much");
        return log.length;
    }

    function partly(uint256 x) external returns (bool) {
        total = 0;
        delete log;
        uint256 y = 10 / x;
        total = y;
        return true;
    }
}
