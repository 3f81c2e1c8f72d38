// SPDX-License-Identifier: Apache-2.0
// An English auction with bids kept inside, refunds to take back and an end in time.
pragma solidity ^0.8.27;

contract Auction {
    address public immutable seller;
    uint256 public immutable end;
    address public highestBidder;
    uint256 public highestBid;
    mapping(address => uint256) public credit;
    mapping(address => uint256) public pending;
    bool public ended;

    event Bid(address indexed who, uint256 amount);
    event Ended(address winner, uint256 amount);
    error TooLow(uint256 highest);
    error TooEarly(uint256 left);

    constructor(uint256 duration) {
        seller = msg.sender;
        end = block.timestamp + duration;
    }

    function fund(uint256 amount) external {
        credit[msg.sender] += amount;
    }

    function bid(uint256 amount) external {
        require(block.timestamp < end, "over");
        if (amount <= highestBid) revert TooLow(highestBid);
        credit[msg.sender] -= amount;
        if (highestBid != 0) pending[highestBidder] += highestBid;
        (highestBidder, highestBid) = (msg.sender, amount);
        emit Bid(msg.sender, amount);
    }

    function takeBack() external returns (uint256 amount) {
        amount = pending[msg.sender];
        if (amount > 0) {
            pending[msg.sender] = 0;
            credit[msg.sender] += amount;
        }
    }

    function finish() external {
        if (block.timestamp < end) revert TooEarly(end - block.timestamp);
        require(!ended, "ended");
        ended = true;
        credit[seller] += highestBid;
        emit Ended(highestBidder, highestBid);
    }
}
