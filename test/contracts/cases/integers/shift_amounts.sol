// SPDX-License-Identifier: Apache-2.0
// Amounts of any unsigned type; shifts never panic; the shifted type decides.
pragma solidity ^0.8.27;

contract ShiftAmounts {
    function byWord(uint256 x, uint256 n) external pure returns (uint256, uint256) {
        return (x << n, x >> n);
    }

    function byByte(uint256 x, uint8 n) external pure returns (uint256, uint256) {
        return (x << n, x >> n);
    }

    function signed(int256 x, uint256 n) external pure returns (int256, int256) {
        return (x << n, x >> n);
    }

    function narrowSigned(int16 x, uint256 n) external pure returns (int16, int16) {
        return (x << n, x >> n);
    }

    function thenWiden(uint8 x) external pure returns (uint256) {
        return uint256(x << 4) + (uint256(x) << 4);
    }

    function fixedBytes(bytes4 x, uint8 n) external pure returns (bytes4, bytes4) {
        return (x << n, x >> n);
    }
}
