// SPDX-License-Identifier: Apache-2.0
// Arguments of modifiers are expressions over the parameters; each use has its own variables.
pragma solidity ^0.8.27;

contract ModifierArguments {
    error OutOfRange(uint256 value, uint256 low, uint256 high);
    uint256 public lastLimit;
    mapping(address => uint256) public used;

    modifier within(uint256 value, uint256 low, uint256 high) {
        if (value < low || value >= high) revert OutOfRange(value, low, high);
        _;
    }

    modifier limited(uint256 amount) {
        uint256 total = used[msg.sender] + amount;
        require(total <= 100, "limit");
        lastLimit = 100 - total;
        _;
        used[msg.sender] = total;
    }

    modifier adds(uint256 amount) {
        amount += 1;
        lastLimit += amount;
        _;
    }

    function single(uint256 x) external pure within(x, 1, 10) returns (uint256) {
        return x * x;
    }

    function spend(uint256 x) external limited(x * 2) returns (uint256) {
        return used[msg.sender];
    }

    function unaffected(uint256 x) external adds(x) adds(x + 10) returns (uint256) {
        return x;
    }

    function chained(uint256 x, uint256 y) external pure within(x, 0, y) within(y, x + 1, 50) returns (uint256) {
        return y - x;
    }
}
