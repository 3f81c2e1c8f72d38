// SPDX-License-Identifier: Apache-2.0
// Square root, greatest common divisor, logarithm, primes, inverse: loops over words.
pragma solidity ^0.8.27;

contract NumberTheory {
    function sqrt(uint256 x) external pure returns (uint256 r) {
        if (x == 0) return 0;
        r = x;
        uint256 next = x / 2 + (x & 1);
        while (next < r) {
            r = next;
            next = (x / next + next) / 2;
        }
    }

    function gcd(uint256 x, uint256 y) public pure returns (uint256) {
        while (y != 0) (x, y) = (y, x % y);
        return x;
    }

    function lcm(uint256 x, uint256 y) external pure returns (uint256) {
        return x / gcd(x, y) * y;
    }

    function log2(uint256 x) external pure returns (uint256 r) {
        for (uint256 step = 128; step > 0; step >>= 1) {
            if (x >> step != 0) {
                x >>= step;
                r += step;
            }
        }
    }

    function isPrime(uint64 n) external pure returns (bool) {
        if (n < 4) return n > 1;
        if (n % 2 == 0) return false;
        for (uint64 d = 3; d * d <= n; d += 2) if (n % d == 0) return false;
        return true;
    }

    function inverse(int256 x, int256 m) external pure returns (int256) {
        (int256 r0, int256 r1, int256 t0, int256 t1) = (m, x % m, 0, 1);
        while (r1 != 0) {
            int256 q = r0 / r1;
            (r0, r1) = (r1, r0 - q * r1);
            (t0, t1) = (t1, t0 - q * t1);
        }
        require(r0 == 1, "no inverse");
        return t0 < 0 ? t0 + m : t0;
    }
}
