// SPDX-License-Identifier: Apache-2.0
// A counter that everybody may move and its owner may set: state, a constructor, a modifier, an event, an error.
pragma solidity ^0.8.20;

contract Counter {
    address public owner;
    uint256 public count;
    uint256 public immutable limit;
    mapping(address => uint256) public movesOf;

    event Moved(address indexed by, uint256 from, uint256 to);
    event OwnerChanged(address indexed from, address indexed to);

    error NotOwner(address caller);
    error LimitReached(uint256 limit);

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    constructor(uint256 limit_) {
        owner = msg.sender;
        limit = limit_;
    }

    function increment() external returns (uint256) {
        return add(1);
    }

    function add(uint256 steps) public returns (uint256) {
        if (steps > limit - count) revert LimitReached(limit);
        move(count + steps);
        return count;
    }

    /// Fails with Solidity's panic 0x11 below zero, as arithmetic does everywhere.
    function decrement() external returns (uint256) {
        move(count - 1);
        return count;
    }

    function reset() external onlyOwner {
        move(0);
    }

    function changeOwner(address to) external onlyOwner {
        require(to != address(0), "an owner is needed");
        emit OwnerChanged(owner, to);
        owner = to;
    }

    function move(uint256 to) private {
        movesOf[msg.sender]++;
        emit Moved(msg.sender, count, to);
        count = to;
    }
}
