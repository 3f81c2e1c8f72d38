// SPDX-License-Identifier: Apache-2.0
// break and continue belong to the innermost loop; returns leave all.
pragma solidity ^0.8.27;

contract NestedLoops {
    function pairs(uint256 n) external pure returns (uint256 count) {
        for (uint256 i = 0; i < n; i++) {
            for (uint256 j = 0; j < n; j++) {
                if (j > i) break;
                if ((i + j) % 2 == 1) continue;
                count++;
            }
        }
    }

    function find(uint256[][] calldata rows, uint256 x) external pure returns (uint256, uint256) {
        for (uint256 i = 0; i < rows.length; i++) {
            uint256 j = 0;
            while (j < rows[i].length) {
                if (rows[i][j] == x) return (i, j);
                j++;
            }
        }
        revert("not found");
    }

    function triangle(uint256 n) external pure returns (uint256 s) {
        uint256 i = 0;
        do {
            for (uint256 j = i; ; j--) {
                s += j;
                if (j == 0) break;
            }
            if (++i > 20) return 0;
        } while (i <= n);
    }

    function three(uint256 n) external pure returns (uint256 found) {
        for (uint256 x = 1; x < n; x++)
            for (uint256 y = x; y < n; y++)
                for (uint256 z = y; z < n; z++)
                    if (x * x + y * y == z * z) found++;
    }
}
