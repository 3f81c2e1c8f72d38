// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do `msg.value`
// refuses: solana: cannot do `msg.value`
// A price that falls with time, bought in parts, with change given back.
pragma solidity ^0.8.27;

contract DutchAuction {
    uint256 public immutable start;
    uint128 public immutable high;
    uint128 public immutable low;
    uint32 public immutable length;
    uint256 public left;
    mapping(address => uint256) public bought;

    error SoldOut(uint256 left, uint256 wanted);
    error TooCheap(uint256 paid, uint256 price);
    event Bought(address indexed who, uint256 count, uint256 price, uint256 change);

    constructor(uint128 high_, uint128 low_, uint32 length_, uint256 count) {
        require(high_ > low_ && length_ > 0, "bad terms");
        (start, high, low, length, left) = (block.timestamp, high_, low_, length_, count);
    }

    function price() public view returns (uint256) {
        uint256 passed = block.timestamp - start;
        if (passed >= length) return low;
        return high - uint256(high - low) * passed / length;
    }

    function buy(uint256 count) external payable returns (uint256 change) {
        if (count > left) revert SoldOut(left, count);
        uint256 cost = price() * count;
        if (msg.value < cost) revert TooCheap(msg.value, cost);
        left -= count;
        bought[msg.sender] += count;
        change = msg.value - cost;
        if (change > 0) payable(msg.sender).transfer(change);
        emit Bought(msg.sender, count, cost / count, change);
    }
}
