// SPDX-License-Identifier: Apache-2.0
// differs: move: a message made while running does not come out of an abort
// require with nothing, with a message, with a computed message, with an error.
pragma solidity ^0.8.27;

contract RequireForms {
    error TooSmall(uint256 got, uint256 least);
    error Bare();

    string stored = "a stored message, longer than thirty-two bytes";
    uint256 public evaluated;

    function bare(uint256 x) external pure returns (uint256) {
        require(x > 0);
        return x;
    }

    function message(uint256 x) external pure returns (uint256) {
        require(x > 0, "x is zero");
        return x;
    }

    function computed(uint256 x, string calldata who) external pure returns (uint256) {
        require(x > 0, string.concat("no ", who));
        return x;
    }

    function fromStorage(bool c) external view {
        require(c, stored);
    }

    function withError(uint256 x) external pure returns (uint256) {
        require(x >= 10, TooSmall(x, 10));
        require(x != 11, Bare());
        return x;
    }

    function empty(bool c) external pure {
        require(c, "");
    }

    function effect() private returns (uint256) {
        return ++evaluated;
    }

    function argumentsRun(bool c) external {
        require(c, TooSmall(effect(), 0));
    }
}
