// SPDX-License-Identifier: Apache-2.0
// differs: move: a message made while running does not come out of an abort
// Messages that are not literals: joined, from state, given, empty.
pragma solidity ^0.8.27;

contract ComputedMessages {
    string stored = "a stored message, longer than thirty-two bytes";

    function joined(uint256 x, string calldata who) external pure returns (uint256) {
        require(x > 0, string.concat("no ", who));
        return x;
    }

    function fromState(bool c) external view {
        require(c, stored);
    }

    function given(string memory why) external pure {
        revert(why);
    }
}
