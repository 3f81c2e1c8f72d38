// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do `msg.value`
// refuses: solana: cannot do `msg.value`
// Deposits against shares, in value that comes with the call; yield raises the price of a share.
pragma solidity ^0.8.27;

contract Vault {
    mapping(address => uint256) public shareOf;
    uint256 public totalShares;
    uint256 public totalAssets;
    bool private locked;

    event Deposit(address indexed who, uint256 assets, uint256 shares);
    event Withdraw(address indexed who, uint256 assets, uint256 shares);
    error ZeroShares();
    error NotEnough(uint256 have, uint256 want);

    modifier once() {
        require(!locked, "locked");
        locked = true;
        _;
        locked = false;
    }

    function deposit() external payable once returns (uint256 shares) {
        shares = totalShares == 0 ? msg.value : msg.value * totalShares / totalAssets;
        if (shares == 0) revert ZeroShares();
        totalAssets += msg.value;
        totalShares += shares;
        shareOf[msg.sender] += shares;
        emit Deposit(msg.sender, msg.value, shares);
    }

    function earn() external payable {
        require(totalShares > 0, "nobody in");
        totalAssets += msg.value;
    }

    function withdraw(uint256 shares) external once returns (uint256 assets) {
        uint256 have = shareOf[msg.sender];
        if (have < shares) revert NotEnough(have, shares);
        assets = shares * totalAssets / totalShares;
        shareOf[msg.sender] = have - shares;
        totalShares -= shares;
        totalAssets -= assets;
        payable(msg.sender).transfer(assets);
        emit Withdraw(msg.sender, assets, shares);
    }
}
