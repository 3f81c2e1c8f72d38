// SPDX-License-Identifier: Apache-2.0
// Deals between a buyer and a seller, with somebody who decides when they disagree. Money is units that the keeper credits and the contract
// keeps, so that it runs on every chain.
pragma solidity ^0.8.20;

contract Escrow {
    enum State { None, Paid, Shipped, Disputed, Released, Refunded }

    struct Deal {
        State state;
        address buyer;
        address seller;
        address arbiter;
        uint96 price;
        uint32 shipBy;
        bytes32 goods; // hash of what was agreed
    }

    address public immutable keeper;
    uint16 public immutable feePerMille;
    uint256 public count;
    mapping(uint256 => Deal) public deals;
    mapping(address => uint256) public moneyOf;

    event Credited(address indexed who, uint256 amount);
    event Changed(uint256 indexed id, State from, State to);
    event PaidOut(uint256 indexed id, address indexed to, uint256 amount);

    error WrongState(uint256 id, State state);
    error NotParty(uint256 id, address caller);
    error NotEnough(uint256 have, uint256 want);

    constructor(uint16 feePerMille_) {
        require(feePerMille_ <= 1000, "more than all");
        keeper = msg.sender;
        feePerMille = feePerMille_;
    }

    function credit(address who, uint256 amount) external {
        require(msg.sender == keeper, "only the keeper credits");
        moneyOf[who] += amount;
        emit Credited(who, amount);
    }

    function open(address seller, address arbiter, uint96 price, uint32 daysToShip, string calldata goods) external returns (uint256 id) {
        require(seller != msg.sender && arbiter != msg.sender && seller != arbiter, "three parties");
        uint256 have = moneyOf[msg.sender];
        if (have < price) revert NotEnough(have, price);
        moneyOf[msg.sender] = have - price;
        id = ++count;
        deals[id] = Deal({
            state: State.None,
            buyer: msg.sender,
            seller: seller,
            arbiter: arbiter,
            price: price,
            shipBy: uint32(block.timestamp + uint256(daysToShip) * 1 days),
            goods: keccak256(bytes(goods))
        });
        change(id, State.Paid);
    }

    function ship(uint256 id, string calldata goods) external {
        Deal storage deal = party(id, deals[id].seller, State.Paid);
        require(keccak256(bytes(goods)) == deal.goods, "other goods");
        change(id, State.Shipped);
    }

    function accept(uint256 id) external {
        Deal storage deal = party(id, deals[id].buyer, State.Shipped);
        change(id, State.Released);
        release(id, deal.seller, deal.price);
    }

    /// When the seller did not ship in time.
    function refund(uint256 id) external {
        Deal storage deal = party(id, deals[id].buyer, State.Paid);
        require(block.timestamp > deal.shipBy, "there is time left");
        change(id, State.Refunded);
        pay(id, deal.buyer, deal.price);
    }

    function dispute(uint256 id) external {
        party(id, deals[id].buyer, State.Shipped);
        change(id, State.Disputed);
    }

    /// The arbiter gives the buyer a part of the price back, in per mille.
    function decide(uint256 id, uint16 perMilleBack) external {
        Deal storage deal = party(id, deals[id].arbiter, State.Disputed);
        require(perMilleBack <= 1000, "more than all");
        uint256 back = uint256(deal.price) * perMilleBack / 1000;
        change(id, perMilleBack == 1000 ? State.Refunded : State.Released);
        if (back > 0) pay(id, deal.buyer, back);
        if (back < deal.price) release(id, deal.seller, deal.price - back);
    }

    function release(uint256 id, address seller, uint256 amount) private {
        uint256 fee = amount * feePerMille / 1000;
        pay(id, seller, amount - fee);
        if (fee > 0) pay(id, keeper, fee);
    }

    function pay(uint256 id, address to, uint256 amount) private {
        moneyOf[to] += amount;
        emit PaidOut(id, to, amount);
    }

    function party(uint256 id, address who, State expected) private view returns (Deal storage deal) {
        deal = deals[id];
        if (deal.state != expected) revert WrongState(id, deal.state);
        if (msg.sender != who) revert NotParty(id, msg.sender);
    }

    function change(uint256 id, State to) private {
        emit Changed(id, deals[id].state, to);
        deals[id].state = to;
    }
}
