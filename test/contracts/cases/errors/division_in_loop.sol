// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

// The divisor does not change in the loops, but is only asked about inside: a division may not stand in front of them.
contract DivisionInLoop {
    function unsigned_(uint64 by, uint256 rounds) public pure returns (uint64 sum) {
        unchecked {
            for (uint256 i = 0; i < rounds; ++i) {
                uint64[4] memory x = [23 % by, 100 / by, by, uint64(i)];
                sum += x[0] + x[1] + x[3];
            }
        }
    }

    function twice(uint64[4] calldata from, uint64 by) public pure returns (uint64 sum) {
        unchecked {
            for (uint256 i = 1; i < 3; ++i) {
                uint64 other = by - ((from[1] >> 1) | (from[1] + from[1]));
                uint64[4] memory x = [23 % by, other | from[0], other, other - 6];
                sum += x[0];
            }
        }
    }

    function small(uint8 by, uint256 rounds) public pure returns (uint8 sum) {
        unchecked {
            for (uint256 i = 0; i < rounds; ++i) sum += 200 / by + 77 % by;
        }
    }

    function signed_(int64 by, uint256 rounds) public pure returns (int64 sum) {
        unchecked {
            for (uint256 i = 0; i < rounds; ++i) sum += -23 % by + 100 / by;
        }
    }

    function wide(uint256 by, int128 signedBy, uint256 rounds) public pure returns (uint256 sum, int128 signedSum) {
        for (uint256 i = 0; i < rounds; ++i) {
            sum += 23 % by + 1000 / by;
            signedSum += -23 % signedBy + 1000 / signedBy;
        }
    }
}
