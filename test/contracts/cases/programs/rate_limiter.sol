// SPDX-License-Identifier: Apache-2.0
// A bucket that fills by the second, per account, with small fields.
pragma solidity ^0.8.27;

contract RateLimiter {
    struct Bucket {
        uint64 last;
        uint96 level;
        bool known;
    }

    uint96 public immutable capacity;
    uint96 public immutable perSecond;
    mapping(address => Bucket) public buckets;

    error Exceeded(uint96 available, uint96 wanted);

    constructor(uint96 capacity_, uint96 perSecond_) {
        (capacity, perSecond) = (capacity_, perSecond_);
    }

    function available(address who) public view returns (uint96) {
        Bucket memory b = buckets[who];
        if (!b.known) return capacity;
        uint256 level = b.level + (block.timestamp - b.last) * perSecond;
        return level > capacity ? capacity : uint96(level);
    }

    function use(uint96 amount) external returns (uint96 left) {
        left = available(msg.sender);
        if (amount > left) revert Exceeded(left, amount);
        unchecked {
            left -= amount;
        }
        buckets[msg.sender] = Bucket(uint64(block.timestamp), left, true);
    }
}
