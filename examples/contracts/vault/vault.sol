// SPDX-License-Identifier: Apache-2.0
// A vault: assets are put in for shares, and what it earns makes each share worth more. As EIP-4626 rounds: for the vault.
// Assets are units that the owner issues and the vault itself keeps, so that it runs on every chain.
pragma solidity ^0.8.20;

contract Vault {
    address public immutable owner;
    bool public isPaused;
    uint256 public totalAssets;
    uint256 public totalShares;
    mapping(address => uint256) public assetsOf; // outside the vault
    mapping(address => uint256) public sharesOf;

    /// Counted as if somebody had put in one asset for so many shares: who comes first cannot make the shares of the next one round down to nothing.
    uint256 private constant OFFSET = 1000;

    event Issued(address indexed to, uint256 assets);
    event Deposited(address indexed who, uint256 assets, uint256 shares);
    event Withdrawn(address indexed who, uint256 assets, uint256 shares);
    event Earned(uint256 assets);
    event Paused(bool isPaused);

    error NotOwner(address caller);
    error TooLittle(uint256 have, uint256 want);
    error NoShares();

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    modifier whenOpen() {
        require(!isPaused, "the vault is paused");
        _;
    }

    constructor() {
        owner = msg.sender;
    }

    function issue(address to, uint256 assets) external onlyOwner {
        assetsOf[to] += assets;
        emit Issued(to, assets);
    }

    function pause(bool yes) external onlyOwner {
        isPaused = yes;
        emit Paused(yes);
    }

    function sharesFor(uint256 assets) public view returns (uint256) {
        return assets * (totalShares + OFFSET) / (totalAssets + 1);
    }

    function assetsFor(uint256 shares) public view returns (uint256) {
        return shares * (totalAssets + 1) / (totalShares + OFFSET);
    }

    function deposit(uint256 assets) external whenOpen returns (uint256 shares) {
        shares = sharesFor(assets);
        if (shares == 0) revert NoShares();
        take(assetsOf, assets);
        totalAssets += assets;
        totalShares += shares;
        sharesOf[msg.sender] += shares;
        emit Deposited(msg.sender, assets, shares);
    }

    /// Also when the vault is paused: nobody is locked in.
    function redeem(uint256 shares) public returns (uint256 assets) {
        assets = assetsFor(shares);
        take(sharesOf, shares);
        totalShares -= shares;
        totalAssets -= assets;
        assetsOf[msg.sender] += assets;
        emit Withdrawn(msg.sender, assets, shares);
    }

    function redeemAll() external returns (uint256) {
        return redeem(sharesOf[msg.sender]);
    }

    /// What the vault's assets have earned; it goes to all shares alike.
    function earn(uint256 assets) external onlyOwner {
        take(assetsOf, assets);
        totalAssets += assets;
        emit Earned(assets);
    }

    function take(mapping(address => uint256) storage balances, uint256 amount) private {
        uint256 have = balances[msg.sender];
        if (have < amount) revert TooLittle(have, amount);
        balances[msg.sender] = have - amount;
    }
}
