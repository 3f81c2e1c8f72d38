// SPDX-License-Identifier: Apache-2.0
// A buyer, a seller and an arbiter; states as an enum.
pragma solidity ^0.8.27;

contract Escrow {
    enum State { Created, Funded, Released, Refunded, Disputed }

    address public immutable buyer;
    address public immutable seller;
    address public immutable arbiter;
    State public state;
    uint256 public amount;
    mapping(address => uint256) public balance;

    error WrongState(State is_, State expected);
    error NotAllowed(address who);
    event Moved(State indexed to);

    constructor(address seller_, address arbiter_) {
        (buyer, seller, arbiter) = (msg.sender, seller_, arbiter_);
    }

    modifier only(address who) {
        if (msg.sender != who) revert NotAllowed(msg.sender);
        _;
    }

    modifier inState(State expected) {
        if (state != expected) revert WrongState(state, expected);
        _;
    }

    function _move(State to) private {
        state = to;
        emit Moved(to);
    }

    function fund(uint256 value) external only(buyer) inState(State.Created) {
        require(value > 0, "nothing");
        amount = value;
        _move(State.Funded);
    }

    function release() external only(buyer) inState(State.Funded) {
        balance[seller] += amount;
        _move(State.Released);
    }

    function dispute() external inState(State.Funded) {
        if (msg.sender != buyer && msg.sender != seller) revert NotAllowed(msg.sender);
        _move(State.Disputed);
    }

    function decide(uint256 sellerPercent) external only(arbiter) inState(State.Disputed) {
        uint256 part = amount * sellerPercent / 100;
        balance[seller] += part;
        balance[buyer] += amount - part;
        _move(sellerPercent >= 50 ? State.Released : State.Refunded);
    }
}
