// SPDX-License-Identifier: Apache-2.0
// Commit, reveal, settle, with a clock.
pragma solidity ^0.8.27;

contract RockPaperScissors {
    enum Move { None, Rock, Paper, Scissors }
    enum Phase { Joining, Revealing, Over }

    struct Player {
        address who;
        bytes32 commitment;
        Move move;
    }

    Player[2] public players;
    Phase public phase;
    uint256 public deadline;
    mapping(address => int256) public score;

    error WrongPhase(Phase phase);
    error NotPlaying(address who);
    event Settled(address winner, Move first, Move second);

    modifier during(Phase expected) {
        if (phase != expected) revert WrongPhase(phase);
        _;
    }

    function commitmentOf(Move move, string calldata salt, address who) public pure returns (bytes32) {
        return keccak256(abi.encode(move, salt, who));
    }

    function join(Move move, string calldata salt) external during(Phase.Joining) {
        require(move != Move.None, "no move");
        uint256 i = players[0].who == address(0) ? 0 : 1;
        require(players[0].who != msg.sender, "twice");
        players[i] = Player(msg.sender, commitmentOf(move, salt, msg.sender), Move.None);
        if (i == 1) {
            phase = Phase.Revealing;
            deadline = block.timestamp + 100;
        }
    }

    function reveal(Move move, string calldata salt) external during(Phase.Revealing) {
        uint256 i = players[0].who == msg.sender ? 0 : 1;
        if (players[i].who != msg.sender) revert NotPlaying(msg.sender);
        require(players[i].commitment == commitmentOf(move, salt, msg.sender), "not what you said");
        players[i].move = move;
        if (players[1 - i].move != Move.None) settle();
    }

    function timeout() external during(Phase.Revealing) {
        require(block.timestamp > deadline, "wait");
        settle();
    }

    function settle() private {
        (Move x, Move y) = (players[0].move, players[1].move);
        address winner;
        if (x != y) {
            bool first = y == Move.None || (x != Move.None && (uint8(x) + 3 - uint8(y)) % 3 == 1);
            winner = players[first ? 0 : 1].who;
            score[winner]++;
            score[players[first ? 1 : 0].who]--;
        }
        phase = Phase.Over;
        emit Settled(winner, x, y);
    }

    function again() external during(Phase.Over) {
        delete players;
        phase = Phase.Joining;
    }
}
