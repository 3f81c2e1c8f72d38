// SPDX-License-Identifier: Apache-2.0
// Ballots with weights and delegation.
pragma solidity ^0.8.27;

contract Voting {
    struct Voter {
        uint256 weight;
        bool voted;
        address delegate;
        uint256 vote;
    }

    struct Proposal {
        bytes32 name;
        uint256 votes;
    }

    address public chair = msg.sender;
    mapping(address => Voter) public voters;
    Proposal[] public proposals;

    error AlreadyVoted(address who);

    constructor(bytes32[] memory names) {
        voters[chair].weight = 1;
        for (uint256 i = 0; i < names.length; i++) proposals.push(Proposal({name: names[i], votes: 0}));
    }

    function admit(address who) external {
        require(msg.sender == chair, "chair only");
        if (voters[who].voted) revert AlreadyVoted(who);
        require(voters[who].weight == 0);
        voters[who].weight = 1;
    }

    function delegate(address to) external {
        Voter storage sender = voters[msg.sender];
        require(sender.weight != 0, "no right");
        if (sender.voted) revert AlreadyVoted(msg.sender);
        while (voters[to].delegate != address(0)) {
            to = voters[to].delegate;
            require(to != msg.sender, "loop");
        }
        require(to != msg.sender, "self");
        Voter storage target = voters[to];
        require(target.weight >= 1, "target has no right");
        sender.voted = true;
        sender.delegate = to;
        if (target.voted) proposals[target.vote].votes += sender.weight;
        else target.weight += sender.weight;
    }

    function vote(uint256 proposal) external {
        Voter storage sender = voters[msg.sender];
        require(sender.weight != 0, "no right");
        if (sender.voted) revert AlreadyVoted(msg.sender);
        sender.voted = true;
        sender.vote = proposal;
        proposals[proposal].votes += sender.weight;
    }

    function winner() public view returns (uint256 best, bytes32 name) {
        uint256 most;
        for (uint256 i = 0; i < proposals.length; i++) {
            if (proposals[i].votes > most) {
                most = proposals[i].votes;
                best = i;
            }
        }
        name = proposals[best].name;
    }
}
