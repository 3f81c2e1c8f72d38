// SPDX-License-Identifier: Apache-2.0
// Owners, proposals, confirmations, execution against a stored number.
pragma solidity ^0.8.27;

contract Multisig {
    struct Proposal {
        uint256 newValue;
        uint256 confirmations;
        bool executed;
        mapping(address => bool) confirmed;
    }

    address[] public owners;
    mapping(address => bool) public isOwner;
    uint256 public immutable threshold;
    Proposal[] private proposals;
    uint256 public value;

    error NotOwner(address who);
    error DuplicateOwner(address who);
    error NotEnough(uint256 have, uint256 need);
    event Confirmed(uint256 indexed id, address indexed owner, uint256 count);
    event Executed(uint256 indexed id, uint256 oldValue, uint256 newValue);

    constructor(address[] memory owners_, uint256 threshold_) {
        require(threshold_ > 0 && threshold_ <= owners_.length, "threshold");
        for (uint256 i = 0; i < owners_.length; i++) {
            if (isOwner[owners_[i]]) revert DuplicateOwner(owners_[i]);
            isOwner[owners_[i]] = true;
        }
        owners = owners_;
        threshold = threshold_;
    }

    modifier onlyOwner() {
        if (!isOwner[msg.sender]) revert NotOwner(msg.sender);
        _;
    }

    function propose(uint256 newValue) external onlyOwner returns (uint256 id) {
        id = proposals.length;
        proposals.push().newValue = newValue;
        confirm(id);
    }

    function confirm(uint256 id) public onlyOwner {
        Proposal storage proposal = proposals[id];
        require(!proposal.confirmed[msg.sender], "confirmed");
        proposal.confirmed[msg.sender] = true;
        emit Confirmed(id, msg.sender, ++proposal.confirmations);
    }

    function revoke(uint256 id) external onlyOwner {
        Proposal storage proposal = proposals[id];
        require(proposal.confirmed[msg.sender] && !proposal.executed, "not confirmed");
        proposal.confirmed[msg.sender] = false;
        proposal.confirmations--;
    }

    function execute(uint256 id) external onlyOwner {
        Proposal storage proposal = proposals[id];
        require(!proposal.executed, "executed");
        if (proposal.confirmations < threshold) revert NotEnough(proposal.confirmations, threshold);
        proposal.executed = true;
        emit Executed(id, value, proposal.newValue);
        value = proposal.newValue;
    }
}
