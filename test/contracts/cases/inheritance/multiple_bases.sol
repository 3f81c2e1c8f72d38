// SPDX-License-Identifier: Apache-2.0
// Several interfaces and mixins with one function declared in both.
pragma solidity ^0.8.27;

interface IOne {
    function id() external pure returns (uint256);
}

interface ITwo {
    function id() external pure returns (uint256);
    function two() external pure returns (uint256);
}

abstract contract Owned {
    address public owner = msg.sender;
    error NotOwner(address who);

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }
}

abstract contract Pausable is Owned {
    bool public paused;

    function pause() external onlyOwner {
        paused = !paused;
    }

    modifier whenRunning() {
        require(!paused, "paused");
        _;
    }
}

abstract contract Counted {
    uint256 public count;

    function _count() internal virtual {
        count++;
    }
}

contract MultipleBases is IOne, ITwo, Pausable, Counted {
    function id() external pure override(IOne, ITwo) returns (uint256) {
        return 12;
    }

    function two() external pure returns (uint256) {
        return 2;
    }

    function work() external whenRunning onlyOwner {
        _count();
    }

    function _count() internal override {
        super._count();
        count *= 2;
    }
}
