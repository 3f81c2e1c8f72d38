// SPDX-License-Identifier: Apache-2.0
// Names live to the end of their block; inner ones hide outer ones.
pragma solidity ^0.8.27;

contract Scoping {
    uint256 x = 1;

    function blocks() external view returns (uint256, uint256, uint256) {
        uint256 first = x;
        uint256 second;
        {
            uint256 x = 20;
            second = x;
            {
                uint256 y = x + 1;
                second += y;
            }
        }
        uint256 y = 3;
        return (first, second, y + x);
    }

    function loopVariables() external pure returns (uint256 s) {
        for (uint256 i = 0; i < 3; i++) {
            uint256 fresh;
            fresh += i;
            s = s * 10 + fresh;
        }
        for (int8 i = -2; i < 0; i++) s += uint256(int256(-i));
    }

    function parameterHides(uint256 x) external view returns (uint256, uint256) {
        return (x, own());
    }

    function own() private view returns (uint256) {
        return x;
    }

    function branches(bool c) external pure returns (uint256) {
        if (c) {
            uint256 z = 4;
            return z;
        } else {
            int256 z = -4;
            return uint256(-z) * 2;
        }
    }

    function zeroEachRound(uint256 n) external pure returns (uint256 s) {
        for (uint256 i = 0; i < n; i++) {
            uint256[2] memory pair;
            pair[i % 2] = i + 1;
            s += pair[0] * 100 + pair[1];
        }
    }
}
