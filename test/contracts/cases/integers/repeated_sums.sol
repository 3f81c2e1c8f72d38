// SPDX-License-Identifier: Apache-2.0
// Sums that optimisers turn into products, divisions and shifts of wide numbers.
pragma solidity ^0.8.27;

contract RepeatedSums {
    uint128 step;
    mapping(bytes32 => uint128) starts;

    function setStep(uint128 value) external { step = value; }

    function thrice120(uint120 a) external pure returns (uint120) { return (a + a) + a; }

    function thrice256(uint256 a) external pure returns (uint256) { return a + a + a; }

    function seven136(int136 a) external pure returns (int136) { return a + a + a + a + a + a + a; }

    function wrapped(uint128 a) external pure returns (uint128 b) {
        unchecked { b = a + a + a + a + a; }
    }

    // Overflows after so many steps as a division says.
    function climb(uint128 from, uint256 rounds) external view returns (uint128 at) {
        at = from;
        for (uint256 i = 0; i < rounds; i += 2) at += step;
    }

    function climbTwice() external view returns (uint128 at) {
        for (uint256 i = 0; i < 3; i++) {
            at = ~(starts[bytes32(i)] << 38);
            for (uint256 k = 1; k < 5; k += 2) at += 0x9eedaa9c00906a54005e;
        }
    }

    function descend(int128 from, uint256 rounds) external pure returns (int128 at) {
        at = from;
        for (uint256 i = 0; i < rounds; i++) at -= 0x1234567890abcdef1234567890;
    }

    function triangle(uint72 n, uint256 rounds) external pure returns (uint72 sum) {
        for (uint72 i = 0; i < rounds; i++) { sum += n; n += 3; }
    }
}
