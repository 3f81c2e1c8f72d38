// SPDX-License-Identifier: Apache-2.0
// A library's modifier is the library's own, whatever the contract that uses it calls by the same name.
pragma solidity ^0.8.27;

struct Counter {
    uint256 value;
}

library Counting {
    modifier guarded(Counter storage counter) {
        counter.value += 1;
        _;
    }

    function add(Counter storage counter, uint256 by) internal guarded(counter) {
        counter.value += by;
    }
}

contract LibraryModifiers {
    using Counting for Counter;
    Counter counter;

    modifier guarded(Counter storage) {
        revert("the contract's");
        _;
    }

    function run(uint256 by) external returns (uint256) {
        counter.add(by);
        Counting.add(counter, by);
        return counter.value;
    }

    function own() external guarded(counter) {}
}
