// SPDX-License-Identifier: Apache-2.0
// Literals are exact numbers until they get a type; units, separators, fractions and powers of ten.
pragma solidity ^0.8.27;

contract Literals {
    uint256 constant HUGE = 2 ** 800 / 2 ** 799;
    uint256 constant THIRDS = (1 / 3) * 3;
    int256 constant NEGATIVE = -(2 ** 255);

    function folded() external pure returns (uint256, uint256, uint256, int256) {
        return (HUGE, THIRDS, 2.5 * 4, NEGATIVE);
    }

    function units() external pure returns (uint256, uint256, uint256, uint256, uint256) {
        return (1 ether, 3 gwei, 1.5 ether, 2 weeks, 1 days + 1 hours + 1 minutes + 1 seconds);
    }

    function written() external pure returns (uint256, uint256, uint256, uint256) {
        return (1_000_000, 0xDEAD_beef, 1e18, 1.25e2);
    }

    function division(uint256 x) external pure returns (uint256, uint256, uint256) {
        return (8 / 2 * x, x * 7 / 2, 7 % 4 + x);
    }

    function bits() external pure returns (uint8, int8, uint16) {
        return (~uint8(0), ~int8(0), 0xff << 4);
    }

    function shifts() external pure returns (uint256, int256, uint256) {
        return (1 << 255, -1 >> 3, 5 >> 1);
    }
}
