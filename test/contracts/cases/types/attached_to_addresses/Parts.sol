// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

struct Part {
    uint256 size;
}

function quarter(uint256 x) pure returns (uint256) {
    return x / 4;
}

function half(int256 x) pure returns (int256) {
    return x / 2;
}

function twice(uint256 x) pure returns (uint256) {
    return 2 * x;
}
