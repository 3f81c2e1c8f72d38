// SPDX-License-Identifier: Apache-2.0
// An order through its states by a table of allowed moves, with hooks by inheritance.
pragma solidity ^0.8.27;

abstract contract Machine {
    enum State { Draft, Placed, Paid, Shipped, Done, Cancelled }

    mapping(uint256 => State) public state;
    mapping(State => mapping(State => bool)) internal allowed;

    event Moved(uint256 indexed id, State from, State to);
    error Forbidden(State from, State to);

    function move(uint256 id, State to) public {
        State from = state[id];
        if (!allowed[from][to]) revert Forbidden(from, to);
        leave(id, from);
        state[id] = to;
        enter(id, to);
        emit Moved(id, from, to);
    }

    function leave(uint256 id, State from) internal virtual {}

    function enter(uint256 id, State to) internal virtual;
}

contract StateMachine is Machine {
    mapping(uint256 => string) public notes;
    uint256[6] public counts;

    constructor() {
        for (uint8 i = 0; i < 4; i++) {
            allowed[State(i)][State(i + 1)] = true;
            if (i < 3) allowed[State(i)][State.Cancelled] = true;
        }
    }

    function enter(uint256 id, State to) internal override {
        counts[uint8(to)]++;
        if (to == State.Cancelled) notes[id] = string.concat(notes[id], "cancelled;");
        require(to != State.Done || bytes(notes[id]).length > 0, "no note");
    }

    function leave(uint256 id, State from) internal override {
        super.leave(id, from);
        if (from == State.Paid) notes[id] = string.concat(notes[id], "was paid;");
    }
}
