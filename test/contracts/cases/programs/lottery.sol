// SPDX-License-Identifier: Apache-2.0
// Commit and reveal; the winner by the reveals, not by the block.
pragma solidity ^0.8.27;

contract Lottery {
    mapping(address => bytes32) public commitments;
    address[] public players;
    mapping(address => bool) public revealed;
    uint256 public mixed;
    uint256 public count;
    address public winner;

    error Mismatch(bytes32 expected, bytes32 got);

    function hash(address who, uint256 number, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(who, number, salt));
    }

    function commit(bytes32 commitment) external {
        require(commitments[msg.sender] == 0, "committed");
        commitments[msg.sender] = commitment;
        players.push(msg.sender);
    }

    function commitNumber(uint256 number, bytes32 salt) external {
        require(commitments[msg.sender] == 0, "committed");
        commitments[msg.sender] = hash(msg.sender, number, salt);
        players.push(msg.sender);
    }

    function reveal(uint256 number, bytes32 salt) external {
        bytes32 got = hash(msg.sender, number, salt);
        if (got != commitments[msg.sender]) revert Mismatch(commitments[msg.sender], got);
        require(!revealed[msg.sender], "revealed");
        revealed[msg.sender] = true;
        mixed = uint256(keccak256(abi.encode(mixed ^ number)));
        count++;
    }

    function draw() external returns (address) {
        require(count == players.length && count > 0, "not all");
        winner = players[mixed % players.length];
        return winner;
    }
}
