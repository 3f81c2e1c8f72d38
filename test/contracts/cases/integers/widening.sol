// SPDX-License-Identifier: Apache-2.0
// Operands of different widths meet in the wider type, and literals in the type of the other operand.
pragma solidity ^0.8.27;

contract Widening {
    function add(uint8 x, uint16 y) external pure returns (uint256) {
        return x + y;
    }

    function sameWidth(uint8 x, uint8 y) external pure returns (uint256) {
        return x + y;
    }

    function castFirst(uint8 x, uint8 y) external pure returns (uint256) {
        return uint256(x) + y;
    }

    function literal(uint8 x) external pure returns (uint256) {
        return x + 1;
    }

    function wideLiteral(uint8 x) external pure returns (uint256) {
        return x + 256;
    }

    function signedMeetsUnsigned(int16 x, uint8 y) external pure returns (int256) {
        return x - int16(uint16(y));
    }

    function shiftKeepsLeft(uint8 x, uint256 n) external pure returns (uint256) {
        return x << n;
    }

    function powerKeepsBase(uint8 x) external pure returns (uint256) {
        return uint256(x) ** 2;
    }

    function conditional(bool c, uint8 x, uint32 y) external pure returns (uint256) {
        return (c ? x : y) + 1;
    }
}
