// SPDX-License-Identifier: Apache-2.0
// A token by inheritance: cap, pause, burning, ownership in two steps.
pragma solidity ^0.8.27;

abstract contract Ownable {
    address public owner = msg.sender;
    address public pendingOwner;
    error OwnableUnauthorized(address who);
    event OwnershipTransferred(address indexed from, address indexed to);

    modifier onlyOwner() {
        if (msg.sender != owner) revert OwnableUnauthorized(msg.sender);
        _;
    }

    function transferOwnership(address to) public virtual onlyOwner {
        pendingOwner = to;
    }

    function acceptOwnership() public virtual {
        if (msg.sender != pendingOwner) revert OwnableUnauthorized(msg.sender);
        delete pendingOwner;
        emit OwnershipTransferred(owner, msg.sender);
        owner = msg.sender;
    }
}

abstract contract Pausable {
    bool public paused;
    error EnforcedPause();

    modifier whenNotPaused() {
        if (paused) revert EnforcedPause();
        _;
    }

    function _setPaused(bool on) internal virtual {
        paused = on;
    }
}

abstract contract TokenBase {
    mapping(address => uint256) public balanceOf;
    uint256 public totalSupply;
    event Transfer(address indexed from, address indexed to, uint256 value);

    function transfer(address to, uint256 value) public virtual returns (bool) {
        _update(msg.sender, to, value);
        return true;
    }

    function _update(address from, address to, uint256 value) internal virtual {
        if (from == address(0)) totalSupply += value;
        else balanceOf[from] -= value;
        if (to == address(0)) totalSupply -= value;
        else balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}

abstract contract Capped is TokenBase {
    uint256 public immutable cap;
    error CapExceeded(uint256 supply, uint256 cap);

    constructor(uint256 cap_) {
        cap = cap_;
    }

    function _update(address from, address to, uint256 value) internal virtual override {
        super._update(from, to, value);
        if (from == address(0) && totalSupply > cap) revert CapExceeded(totalSupply, cap);
    }
}

contract PausableCappedToken is Ownable, Pausable, Capped {
    constructor(uint256 cap_, uint256 first) Capped(cap_) {
        _update(address(0), msg.sender, first);
    }

    function mint(address to, uint256 value) external onlyOwner {
        _update(address(0), to, value);
    }

    function burn(uint256 value) external {
        _update(msg.sender, address(0), value);
    }

    function setPaused(bool on) external onlyOwner {
        _setPaused(on);
    }

    function _update(address from, address to, uint256 value) internal override whenNotPaused {
        super._update(from, to, value);
    }
}
