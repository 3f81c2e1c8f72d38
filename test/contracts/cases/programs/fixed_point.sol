// SPDX-License-Identifier: Apache-2.0
// Fixed-point numbers with 18 digits: product, quotient, power, square root, exponential by a series.
pragma solidity ^0.8.27;

contract FixedPoint {
    int256 private constant ONE = 1e18;

    error OutOfRange(int256 x);

    function mul(int256 x, int256 y) public pure returns (int256) {
        return x * y / ONE;
    }

    function div(int256 x, int256 y) public pure returns (int256) {
        return x * ONE / y;
    }

    function power(int256 x, uint256 n) external pure returns (int256 r) {
        r = ONE;
        for (; n != 0; n >>= 1) {
            if (n & 1 != 0) r = mul(r, x);
            if (n > 1) x = mul(x, x);
        }
    }

    function exp(int256 x) external pure returns (int256 sum) {
        if (x > 50 * ONE || x < -50 * ONE) revert OutOfRange(x);
        bool negative = x < 0;
        if (negative) x = -x;
        int256 term = ONE;
        for (int256 i = 1; term != 0; i++) {
            sum += term;
            term = mul(term, x) / i;
        }
        if (negative) sum = div(ONE, sum);
    }

    function floor(int256 x) external pure returns (int256) {
        int256 r = x % ONE;
        if (r < 0) r += ONE;
        return x - r;
    }

    function average(int256[] calldata list) external pure returns (int256 s) {
        for (uint256 i = 0; i < list.length; i++) s += list[i];
        s /= int256(list.length);
    }
}
