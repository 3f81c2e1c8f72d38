// SPDX-License-Identifier: Apache-2.0
// The history of balances by time, found by binary search.
pragma solidity ^0.8.27;

contract Checkpoints {
    struct Checkpoint {
        uint48 at;
        uint208 value;
    }

    mapping(address => Checkpoint[]) private history;
    error Future(uint256 at, uint256 now_);
    error Unordered();

    function push(uint208 value) external returns (uint208 old, uint256 count) {
        Checkpoint[] storage list = history[msg.sender];
        uint48 now_ = uint48(block.timestamp);
        uint256 n = list.length;
        if (n > 0) {
            Checkpoint memory last = list[n - 1];
            old = last.value;
            if (last.at > now_) revert Unordered();
            if (last.at == now_) list[n - 1].value = value;
            else list.push(Checkpoint(now_, value));
        } else {
            list.push(Checkpoint({at: now_, value: value}));
        }
        count = list.length;
    }

    function at(address who, uint48 time) external view returns (uint208) {
        if (time > block.timestamp) revert Future(time, block.timestamp);
        Checkpoint[] storage list = history[who];
        uint256 low = 0;
        uint256 high = list.length;
        while (low < high) {
            uint256 middle = (low & high) + (low ^ high) / 2;
            if (list[middle].at > time) high = middle;
            else low = middle + 1;
        }
        return high == 0 ? 0 : list[high - 1].value;
    }

    function latest(address who) external view returns (bool exists, Checkpoint memory last) {
        Checkpoint[] storage list = history[who];
        if (list.length > 0) (exists, last) = (true, list[list.length - 1]);
    }
}
