// SPDX-License-Identifier: Apache-2.0
// Members with weights vote on proposals until a deadline, by themselves or by whom they trust.
pragma solidity ^0.8.20;

contract Voting {
    enum Choice { None, Yes, No, Abstain }

    struct Proposal {
        address by;
        string text;
        uint64 deadline;
        uint128[4] weights; // by Choice
        bool isClosed;
    }

    address public immutable chair;
    uint128 public totalWeight;
    uint256 public immutable quorum; // percent of all weight
    mapping(address => uint128) public weightOf;
    mapping(address => address) public trusteeOf;
    mapping(uint256 => mapping(address => Choice)) public choiceOf;
    Proposal[] private proposals;

    event Admitted(address indexed member, uint128 weight);
    event Trusted(address indexed member, address indexed trustee);
    event Proposed(uint256 indexed id, address indexed by, string text, uint64 deadline);
    event Voted(uint256 indexed id, address indexed member, Choice choice, uint128 weight);
    event Closed(uint256 indexed id, bool isAccepted, uint128[4] weights);

    error NotMember(address caller);
    error AlreadyVoted(uint256 id, address member);
    error NoSuchProposal(uint256 id);
    error StillOpen(uint64 deadline);
    error Over(uint256 id);
    error TrustInCircles(address member);

    modifier onlyMember() {
        if (weightOf[msg.sender] == 0) revert NotMember(msg.sender);
        _;
    }

    constructor(uint256 quorum_) {
        require(quorum_ <= 100, "percent");
        chair = msg.sender;
        quorum = quorum_;
    }

    function admit(address[] calldata members, uint128[] calldata weights) external {
        require(msg.sender == chair, "only the chair admits");
        require(members.length == weights.length, "a weight for each member");
        for (uint256 i = 0; i < members.length; i++) {
            totalWeight = totalWeight - weightOf[members[i]] + weights[i];
            weightOf[members[i]] = weights[i];
            emit Admitted(members[i], weights[i]);
        }
    }

    /// From now on `trustee` may vote for the sender; nobody when it is zero.
    function trust(address trustee) external onlyMember {
        address each = trustee;
        for (uint256 i = 0; each != address(0); i++) {
            if (each == msg.sender || i == 8) revert TrustInCircles(msg.sender);
            each = trusteeOf[each];
        }
        trusteeOf[msg.sender] = trustee;
        emit Trusted(msg.sender, trustee);
    }

    function propose(string calldata text, uint64 duration) external onlyMember returns (uint256 id) {
        require(bytes(text).length > 0, "say something");
        id = proposals.length;
        Proposal storage made = proposals.push();
        made.by = msg.sender;
        made.text = text;
        made.deadline = uint64(block.timestamp) + duration;
        emit Proposed(id, msg.sender, text, made.deadline);
    }

    function vote(uint256 id, Choice choice) external onlyMember {
        cast(id, msg.sender, choice);
    }

    /// For those who trust the sender.
    function voteFor(uint256 id, address[] calldata members, Choice choice) external {
        for (uint256 i = 0; i < members.length; i++) {
            require(trusteeOf[members[i]] == msg.sender, "not trusted");
            cast(id, members[i], choice);
        }
    }

    function cast(uint256 id, address member, Choice choice) private {
        Proposal storage proposal = find(id);
        if (block.timestamp >= proposal.deadline) revert Over(id);
        if (choiceOf[id][member] != Choice.None) revert AlreadyVoted(id, member);
        require(choice != Choice.None, "choose");
        choiceOf[id][member] = choice;
        proposal.weights[uint8(choice)] += weightOf[member];
        emit Voted(id, member, choice, weightOf[member]);
    }

    function close(uint256 id) external returns (bool isAccepted) {
        Proposal storage proposal = find(id);
        if (block.timestamp < proposal.deadline) revert StillOpen(proposal.deadline);
        if (proposal.isClosed) revert Over(id);
        proposal.isClosed = true;
        uint256 cast_ = uint256(proposal.weights[1]) + proposal.weights[2] + proposal.weights[3];
        isAccepted = cast_ * 100 >= quorum * totalWeight && proposal.weights[1] > proposal.weights[2];
        emit Closed(id, isAccepted, proposal.weights);
    }

    function proposalOf(uint256 id) external view returns (Proposal memory) {
        return find(id);
    }

    function find(uint256 id) private view returns (Proposal storage) {
        if (id >= proposals.length) revert NoSuchProposal(id);
        return proposals[id];
    }
}
