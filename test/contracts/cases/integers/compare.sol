// SPDX-License-Identifier: Apache-2.0
// Order by sign, across widths, at the ends.
pragma solidity ^0.8.27;

contract Compare {
    function signed(int256 x, int256 y) external pure returns (bool, bool, bool, bool, bool, bool) {
        return (x < y, x <= y, x > y, x >= y, x == y, x != y);
    }

    function unsigned(uint256 x, uint256 y) external pure returns (bool, bool, bool, bool, bool, bool) {
        return (x < y, x <= y, x > y, x >= y, x == y, x != y);
    }

    function narrow(int8 x, int128 y) external pure returns (bool, bool, bool) {
        return (x < y, x == y, x > y);
    }

    function mixedSign(uint8 x, int16 y) external pure returns (bool, bool) {
        return (int16(uint16(x)) < y, x < uint16(y));
    }

    function addresses(address x, address y) external pure returns (bool, bool, bool) {
        return (x < y, x == y, x >= y);
    }

    function fixedBytes(bytes4 x, bytes4 y) external pure returns (bool, bool, bool) {
        return (x < y, x == y, x >= y);
    }
}
