// SPDX-License-Identifier: Apache-2.0
// The 512-bit product and quotient, by wrapping arithmetic and mulmod.
pragma solidity ^0.8.27;

contract WideProduct {
    error TooLarge();

    function full(uint256 x, uint256 y) public pure returns (uint256 low, uint256 high) {
        unchecked {
            uint256 mm = mulmod(x, y, type(uint256).max);
            low = x * y;
            high = mm - low - (mm < low ? 1 : 0);
        }
    }

    function mulDiv(uint256 x, uint256 y, uint256 d) external pure returns (uint256) {
        unchecked {
            (uint256 low, uint256 high) = full(x, y);
            if (high == 0) return low / d;
            if (d <= high) revert TooLarge();
            uint256 remainder = mulmod(x, y, d);
            if (remainder > low) high -= 1;
            low -= remainder;
            uint256 twos = d & (0 - d);
            d /= twos;
            low /= twos;
            twos = (0 - twos) / twos + 1;
            low |= high * twos;
            uint256 inverse = (3 * d) ^ 2;
            for (uint256 i = 0; i < 6; ++i) inverse *= 2 - d * inverse;
            return low * inverse;
        }
    }
}
