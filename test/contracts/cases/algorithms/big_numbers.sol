// SPDX-License-Identifier: Apache-2.0
// Numbers of any length as arrays of words of base 2^32.
pragma solidity ^0.8.27;

contract BigNumbers {
    uint256 private constant BASE = 2 ** 32;

    function add(uint32[] memory x, uint32[] memory y) public pure returns (uint32[] memory r) {
        if (x.length < y.length) (x, y) = (y, x);
        r = new uint32[](x.length + 1);
        uint256 carry;
        for (uint256 i = 0; i < x.length; i++) {
            carry += uint256(x[i]) + (i < y.length ? y[i] : 0);
            r[i] = uint32(carry);
            carry >>= 32;
        }
        r[x.length] = uint32(carry);
        return trim(r);
    }

    function multiply(uint32[] memory x, uint32[] memory y) public pure returns (uint32[] memory r) {
        r = new uint32[](x.length + y.length);
        for (uint256 i = 0; i < x.length; i++) {
            uint256 carry = 0;
            for (uint256 j = 0; j < y.length; j++) {
                carry += uint256(x[i]) * y[j] + r[i + j];
                r[i + j] = uint32(carry % BASE);
                carry /= BASE;
            }
            r[i + y.length] = uint32(carry);
        }
        return trim(r);
    }

    function trim(uint32[] memory x) private pure returns (uint32[] memory r) {
        uint256 n = x.length;
        while (n > 0 && x[n - 1] == 0) n--;
        if (n == x.length) return x;
        r = new uint32[](n);
        for (uint256 i = 0; i < n; i++) r[i] = x[i];
    }

    function factorial(uint32 n) external pure returns (uint32[] memory r) {
        r = new uint32[](1);
        r[0] = 1;
        uint32[] memory factor = new uint32[](1);
        for (uint32 i = 2; i <= n; i++) {
            factor[0] = i;
            r = multiply(r, factor);
        }
    }
}
