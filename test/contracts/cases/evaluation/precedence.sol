// SPDX-License-Identifier: Apache-2.0
// Precedence and associativity of all operators.
pragma solidity ^0.8.27;

contract Precedence {
    function arithmetic(uint256 a, uint256 b, uint256 c) external pure returns (uint256, uint256, uint256, uint256) {
        return (a + b * c, a - b - c, a * b / c, a / b * c);
    }

    function powers(uint256 a, int256 b) external pure returns (uint256, int256, uint256) {
        return (a * 2 ** 3, -b ** 2, 2 ** a ** 2);
    }

    function bits(uint256 a, uint256 b, uint256 c) external pure returns (uint256, uint256, uint256, uint256) {
        return (a | b & c, a ^ b & c, a & b << 1, a | b ^ c);
    }

    function logic(uint256 a, uint256 b) external pure returns (bool, bool, bool) {
        return (a < b == true, a == b || a < b && a != 0, !(a < b) && b > 0);
    }

    function shifts(uint256 a, uint256 b) external pure returns (uint256, uint256) {
        return (a << 1 + b, a + b >> 1);
    }

    function conditional(bool p, bool q, uint256 a) external pure returns (uint256, uint256) {
        return (p ? a : q ? a + 1 : a + 2, a + (p ? 1 : 2) * 10);
    }

    function unary(int256 a, bool p) external pure returns (int256, int256, bool) {
        int256 b = a;
        return (-a - -a * 2, -b++, !p == false);
    }
}
