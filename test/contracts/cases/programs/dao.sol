// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a call by address
// refuses: solana: cannot do a call by address
// refuses: cosmos: cannot do a call by address
// Proposals as calldata for the contract itself, voted by token weight, executed by a call to itself.
pragma solidity ^0.8.27;

contract Dao {
    struct Proposal {
        bytes action;
        uint128 yes;
        uint128 no;
        uint64 end;
        bool done;
    }

    mapping(address => uint128) public weight;
    Proposal[] public proposals;
    mapping(uint256 => mapping(address => bool)) public voted;
    uint256 public quorum = 10;
    string public motto;

    error OnlySelf();
    error NotPassed(uint128 yes, uint128 no);

    constructor() {
        weight[msg.sender] = 10;
    }

    modifier onlySelf() {
        if (msg.sender != address(this)) revert OnlySelf();
        _;
    }

    function setMotto(string calldata x) external onlySelf {
        motto = x;
    }

    function give(address to, uint128 x) external onlySelf {
        weight[to] += x;
    }

    function proposeMotto(string calldata x) external returns (uint256) {
        return propose(abi.encodeCall(this.setMotto, (x)));
    }

    function proposeGive(address to, uint128 x) external returns (uint256) {
        return propose(abi.encodeCall(this.give, (to, x)));
    }

    function propose(bytes memory action) private returns (uint256 id) {
        require(weight[msg.sender] > 0, "no weight");
        id = proposals.length;
        proposals.push(Proposal(action, 0, 0, uint64(block.timestamp + 60), false));
    }

    function vote(uint256 id, bool yes) external {
        Proposal storage p = proposals[id];
        require(block.timestamp < p.end && !voted[id][msg.sender], "closed");
        voted[id][msg.sender] = true;
        if (yes) p.yes += weight[msg.sender];
        else p.no += weight[msg.sender];
    }

    function execute(uint256 id) external {
        Proposal storage p = proposals[id];
        require(block.timestamp >= p.end && !p.done, "not now");
        if (p.yes <= p.no || p.yes < quorum) revert NotPassed(p.yes, p.no);
        p.done = true;
        (bool ok, bytes memory why) = address(this).call(p.action);
        if (!ok) revert(string(why));
    }
}
