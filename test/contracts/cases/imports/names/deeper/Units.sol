// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

// Back to the file that imports this one: files may import each other.
import "../Shapes.sol" as Above;

enum Unit { Metre, Foot }

uint256 constant LIMIT = 1000;
error TooLarge(uint256 width);

function scale(uint256 x, uint256 by) pure returns (uint256) {
    if (x * by > LIMIT) revert TooLarge(x * by);
    return x * by;
}

function widthOf(Above.Box memory box) pure returns (uint256) {
    return box.width;
}
