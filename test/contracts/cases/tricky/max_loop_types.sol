// SPDX-License-Identifier: Apache-2.0
// Loop variables of small types that reach their end, in and out of unchecked.
pragma solidity ^0.8.27;

contract MaxLoopTypes {
    function full() external pure returns (uint256 s) {
        uint8 i = 0;
        do {
            s += i;
            unchecked {
                i++;
            }
        } while (i != 0);
    }

    function down() external pure returns (uint256 n) {
        for (uint8 i = 255; ; i--) {
            n++;
            if (i == 0) break;
        }
    }

    function signedRange() external pure returns (int256 s, uint256 n) {
        for (int8 i = -128; i < 127; i++) {
            s += i;
            n++;
        }
    }

    function panics() external pure returns (uint256 n) {
        for (uint8 i = 250; i <= 255; i++) n++;
    }

    function stepOver(uint8 by) external pure returns (uint256 n) {
        require(by > 0);
        for (uint8 i = 0; i < 250; i += by) n++;
    }
}
