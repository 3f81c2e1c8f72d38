// SPDX-License-Identifier: Apache-2.0
// type(T).min and type(T).max of integers and enums.
pragma solidity ^0.8.27;

contract TypeLimits {
    enum Level { Low, Middle, High }

    uint40 constant TOP = type(uint40).max;

    function small() external pure returns (uint8, int8, int8, uint16, int16) {
        return (type(uint8).max, type(int8).min, type(int8).max, type(uint16).max, type(int16).min);
    }

    function large() external pure returns (uint256, int256, int256, uint128, int128) {
        return (type(uint256).max, type(int256).min, type(int256).max, type(uint128).max, type(int128).min);
    }

    function levels() external pure returns (Level, Level) {
        return (type(Level).min, type(Level).max);
    }

    function inExpressions(uint40 x) external pure returns (uint40) {
        return TOP - x;
    }

    function saturating(uint8 x, uint8 y) external pure returns (uint8) {
        return x > type(uint8).max - y ? type(uint8).max : x + y;
    }
}
