// SPDX-License-Identifier: Apache-2.0
// Lengths made of constants have the constants' types: division leaves the rest out, that of literals does not.
pragma solidity ^0.8.27;

int256 constant BELOW = -7;

contract ConstantLengths {
    uint256 constant WIDE = 12;
    uint256 constant NARROW = 10;
    uint8 constant SMALL = 3;
    uint256 constant EXACT = 7 / 2 * 2;
    uint256[-BELOW / 2] public state;

    function lengths() external pure returns (uint256, uint256, uint256, uint256) {
        uint256[(WIDE / NARROW) * NARROW] memory typed;
        uint256[12 / 10 * 10] memory exact;
        uint8[WIDE % NARROW + SMALL] memory mixed;
        uint8[EXACT + (1 << SMALL) - 2 ** 2] memory shifted;
        return (typed.length, exact.length, mixed.length, shifted.length);
    }
}
