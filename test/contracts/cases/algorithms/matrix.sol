// SPDX-License-Identifier: Apache-2.0
// Matrices as arrays of arrays: product, power, determinant by fractions that do not arise.
pragma solidity ^0.8.27;

contract Matrix {
    error Shapes(uint256 left, uint256 right);

    function multiply(int256[][] memory a, int256[][] memory b) public pure returns (int256[][] memory c) {
        if (a.length == 0 || a[0].length != b.length) revert Shapes(a.length == 0 ? 0 : a[0].length, b.length);
        c = new int256[][](a.length);
        for (uint256 i = 0; i < a.length; i++) {
            c[i] = new int256[](b[0].length);
            for (uint256 j = 0; j < b[0].length; j++) for (uint256 k = 0; k < b.length; k++) c[i][j] += a[i][k] * b[k][j];
        }
    }

    function fibonacci(uint256 n) external pure returns (uint256) {
        uint256[2][2] memory r = [[uint256(1), 0], [uint256(0), 1]];
        uint256[2][2] memory m = [[uint256(1), 1], [uint256(1), 0]];
        for (; n > 0; n >>= 1) {
            if (n & 1 == 1) r = times(r, m);
            m = times(m, m);
        }
        return r[0][1];
    }

    function times(uint256[2][2] memory a, uint256[2][2] memory b) private pure returns (uint256[2][2] memory c) {
        unchecked {
            for (uint256 i = 0; i < 2; i++) for (uint256 j = 0; j < 2; j++) c[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j];
        }
    }

    function determinant(int256[3][3] calldata m) external pure returns (int256) {
        return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    }
}
