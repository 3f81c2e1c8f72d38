// SPDX-License-Identifier: Apache-2.0
// A counter with an owner, steps and limits.
pragma solidity ^0.8.27;

contract Counter {
    uint256 public value;
    uint256 public step = 1;
    address public immutable owner = msg.sender;
    uint256 private constant LIMIT = 1000;

    event Changed(address indexed by, uint256 from, uint256 to);
    error NotOwner();
    error LimitReached(uint256 limit);

    function increment() external returns (uint256) {
        return _set(value + step);
    }

    function decrement() external returns (uint256) {
        return _set(value - step);
    }

    function setStep(uint256 newStep) external {
        if (msg.sender != owner) revert NotOwner();
        require(newStep != 0, "zero step");
        step = newStep;
    }

    function _set(uint256 to) private returns (uint256) {
        if (to > LIMIT) revert LimitReached(LIMIT);
        emit Changed(msg.sender, value, to);
        return value = to;
    }
}
