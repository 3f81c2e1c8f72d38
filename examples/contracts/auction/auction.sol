// SPDX-License-Identifier: Apache-2.0
// An auction that is open to all: the highest bid wins, a late one makes it longer, who is outbid gets the money back at once.
// Money is units that the seller's bank credits and the contract keeps, so that it runs on every chain.
pragma solidity ^0.8.20;

contract Auction {
    enum State { Open, Ended, Cancelled }

    struct Bid {
        address bidder;
        uint256 amount;
        uint256 time;
    }

    address public immutable seller;
    string public item;
    uint256 public immutable reserve; // the least that is taken
    uint256 public endsAt;
    State public state;
    Bid[] private bids;
    mapping(address => uint256) public moneyOf;

    uint256 private constant LATE = 10 minutes;
    uint256 private constant STEP = 20; // a bid is at least a twentieth above the last

    event Credited(address indexed who, uint256 amount);
    event BidPlaced(address indexed bidder, uint256 amount, uint256 endsAt);
    event Settled(State state, address indexed winner, uint256 amount);

    error WrongState(State state);
    error TooLow(uint256 amount, uint256 least);
    error NotEnough(uint256 have, uint256 want);
    error TooEarly(uint256 now_, uint256 endsAt);
    error NotSeller(address caller);

    modifier onlySeller() {
        if (msg.sender != seller) revert NotSeller(msg.sender);
        _;
    }

    modifier whileOpen() {
        if (state != State.Open) revert WrongState(state);
        _;
    }

    constructor(string memory item_, uint256 reserve_, uint256 duration) {
        require(duration >= LATE && duration <= 30 days, "from ten minutes to thirty days");
        seller = msg.sender;
        item = item_;
        reserve = reserve_;
        endsAt = block.timestamp + duration;
    }

    function credit(address who, uint256 amount) external onlySeller {
        moneyOf[who] += amount;
        emit Credited(who, amount);
    }

    function least() public view returns (uint256) {
        if (bids.length == 0) return reserve;
        uint256 highest = bids[bids.length - 1].amount;
        return highest + (highest + STEP - 1) / STEP;
    }

    function bid(uint256 amount) external whileOpen {
        require(block.timestamp < endsAt, "the time is over");
        if (amount < least()) revert TooLow(amount, least());
        if (bids.length > 0) {
            Bid storage last = bids[bids.length - 1];
            moneyOf[last.bidder] += last.amount;
        }
        uint256 have = moneyOf[msg.sender];
        if (have < amount) revert NotEnough(have, amount);
        moneyOf[msg.sender] = have - amount;
        bids.push(Bid(msg.sender, amount, block.timestamp));
        if (endsAt - block.timestamp < LATE) endsAt = block.timestamp + LATE;
        emit BidPlaced(msg.sender, amount, endsAt);
    }

    function settle() external whileOpen {
        if (block.timestamp < endsAt) revert TooEarly(block.timestamp, endsAt);
        state = State.Ended;
        if (bids.length == 0) {
            emit Settled(state, address(0), 0);
            return;
        }
        Bid memory best = bids[bids.length - 1];
        moneyOf[seller] += best.amount;
        emit Settled(state, best.bidder, best.amount);
    }

    /// Only as long as nobody has bid.
    function cancel() external onlySeller whileOpen {
        require(bids.length == 0, "there are bids");
        state = State.Cancelled;
        emit Settled(state, address(0), 0);
    }

    function highest() external view returns (Bid memory) {
        require(bids.length > 0, "no bid yet");
        return bids[bids.length - 1];
    }

    /// The last bids, at most `count`, the newest first.
    function history(uint256 count) external view returns (Bid[] memory list) {
        if (count > bids.length) count = bids.length;
        list = new Bid[](count);
        for (uint256 i = 0; i < count; i++) list[i] = bids[bids.length - 1 - i];
    }
}
