// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do `msg.value`
// refuses: solana: cannot do `msg.value`
// Campaigns with goals and deadlines; claims and refunds.
pragma solidity ^0.8.27;

contract Crowdfunding {
    struct Campaign {
        address payable creator;
        uint96 goal;
        uint96 pledged;
        uint64 end;
        bool claimed;
        mapping(address => uint96) pledges;
    }

    Campaign[] private campaigns;

    event Pledged(uint256 indexed id, address indexed who, uint96 amount);
    error Ended(uint64 at);
    error NotYet(uint64 until);

    function start(uint96 goal, uint64 length) external returns (uint256 id) {
        id = campaigns.length;
        Campaign storage c = campaigns.push();
        (c.creator, c.goal, c.end) = (payable(msg.sender), goal, uint64(block.timestamp) + length);
    }

    function pledge(uint256 id) external payable {
        Campaign storage c = campaigns[id];
        if (block.timestamp >= c.end) revert Ended(c.end);
        c.pledged += uint96(msg.value);
        c.pledges[msg.sender] += uint96(msg.value);
        emit Pledged(id, msg.sender, uint96(msg.value));
    }

    function claim(uint256 id) external {
        Campaign storage c = campaigns[id];
        require(msg.sender == c.creator, "creator only");
        if (block.timestamp < c.end) revert NotYet(c.end);
        require(c.pledged >= c.goal && !c.claimed, "nothing to claim");
        c.claimed = true;
        c.creator.transfer(c.pledged);
    }

    function refund(uint256 id) external {
        Campaign storage c = campaigns[id];
        require(block.timestamp >= c.end && c.pledged < c.goal, "no refund");
        uint96 amount = c.pledges[msg.sender];
        c.pledges[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }

    function status(uint256 id) external view returns (address, uint96, uint96, bool, uint96) {
        Campaign storage c = campaigns[id];
        return (c.creator, c.goal, c.pledged, c.claimed, c.pledges[msg.sender]);
    }
}
