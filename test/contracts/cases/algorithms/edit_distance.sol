// SPDX-License-Identifier: Apache-2.0
// Distance of texts, longest common part, palindromes: tables in memory.
pragma solidity ^0.8.27;

contract EditDistance {
    function distance(string calldata x, string calldata y) external pure returns (uint256) {
        bytes calldata a = bytes(x);
        bytes calldata b = bytes(y);
        uint256[] memory previous = new uint256[](b.length + 1);
        for (uint256 j = 0; j <= b.length; j++) previous[j] = j;
        for (uint256 i = 0; i < a.length; i++) {
            uint256[] memory row = new uint256[](b.length + 1);
            row[0] = i + 1;
            for (uint256 j = 0; j < b.length; j++) {
                uint256 best = previous[j] + (a[i] == b[j] ? 0 : 1);
                if (previous[j + 1] + 1 < best) best = previous[j + 1] + 1;
                if (row[j] + 1 < best) best = row[j] + 1;
                row[j + 1] = best;
            }
            previous = row;
        }
        return previous[b.length];
    }

    function common(bytes memory a, bytes memory b) external pure returns (bytes memory r) {
        uint256[][] memory table = new uint256[][](a.length + 1);
        for (uint256 i = 0; i <= a.length; i++) table[i] = new uint256[](b.length + 1);
        for (uint256 i = a.length; i > 0; i--)
            for (uint256 j = b.length; j > 0; j--)
                table[i - 1][j - 1] = a[i - 1] == b[j - 1] ? table[i][j] + 1 : table[i][j - 1] > table[i - 1][j] ? table[i][j - 1] : table[i - 1][j];
        r = new bytes(table[0][0]);
        uint256 k;
        (uint256 p, uint256 q) = (0, 0);
        while (k < r.length) {
            if (a[p] == b[q]) {
                r[k++] = a[p++];
                q++;
            } else if (table[p + 1][q] >= table[p][q + 1]) {
                p++;
            } else {
                q++;
            }
        }
    }

    function isPalindrome(string calldata x) external pure returns (bool) {
        bytes calldata b = bytes(x);
        for (uint256 i = 0; i < b.length / 2; i++) if (b[i] != b[b.length - 1 - i]) return false;
        return true;
    }
}
