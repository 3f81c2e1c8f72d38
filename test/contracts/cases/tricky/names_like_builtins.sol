// SPDX-License-Identifier: Apache-2.0
// Names that hide what is built in or look like words of other languages.
pragma solidity ^0.8.27;

contract NamesLikeBuiltins {
    uint256 public length = 3;
    uint256 public push = 4;
    uint256 public from = 5;
    uint256 public error = 6;
    uint256 public balance = 7;
    uint256 public selector = 8;
    uint256 public u256 = 9;
    uint256 public state = 10;
    uint256 public value = 11;
    uint256 public global = 12;
    uint256 public self = 13;
    uint256 public move = 14;
    uint256 public acquires = 15;
    uint256 public print = 16;

    function revert_(uint256 transient) external view returns (uint256) {
        uint256 at = transient + length + push + from;
        return at + error + balance + selector + u256 + state + value + global;
    }

    function main() external view returns (uint256 result) {
        result = self + move + acquires + print;
    }

    function leave(uint256 fn, uint256 matches, uint256 spawn) external pure returns (uint256 loop) {
        loop = fn * matches + spawn;
    }
}
