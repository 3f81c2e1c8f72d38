// SPDX-License-Identifier: Apache-2.0
// unchecked holds for what is written in its block, not for functions called from it.
pragma solidity ^0.8.27;

contract UncheckedScope {
    function callee(uint8 x) private pure returns (uint8) {
        return x + 1;
    }

    function calls(uint8 x) external pure returns (uint8) {
        unchecked {
            return callee(x);
        }
    }

    function nested(uint8 x) external pure returns (uint8 r) {
        unchecked {
            for (uint8 i = 0; i < 3; i++) {
                if (x > 0) {
                    r = x + 100 * i;
                }
            }
        }
    }

    function backOutside(uint8 x) external pure returns (uint8 r) {
        unchecked {
            r = x + 1;
        }
        r = r - 1;
    }

    function stillPanics(uint256 x, uint256[] calldata list) external pure returns (uint256) {
        unchecked {
            return list[x] / x;
        }
    }

    function castsWrap(int256 x) external pure returns (int8) {
        return int8(x) ;
    }
}
