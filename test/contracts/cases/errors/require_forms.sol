// SPDX-License-Identifier: Apache-2.0
// require with nothing, with a message, with an error.
pragma solidity ^0.8.27;

contract RequireForms {
    error TooSmall(uint256 got, uint256 least);
    error Bare();

    uint256 public evaluated;

    function bare(uint256 x) external pure returns (uint256) {
        require(x > 0);
        return x;
    }

    function message(uint256 x) external pure returns (uint256) {
        require(x > 0, "x is zero");
        return x;
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
