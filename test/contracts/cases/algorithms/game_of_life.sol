// SPDX-License-Identifier: Apache-2.0
// differs: solana: a call takes at most 1.4 million compute units, and step(4) takes more
// Cells as bits of a word, 16 by 16, in rounds.
pragma solidity ^0.8.27;

contract GameOfLife {
    uint256 public cells;

    function set(uint256 x) external {
        cells = x;
    }

    function alive(uint256 x, uint256 i, uint256 j) private pure returns (uint256) {
        return (x >> ((i % 16) * 16 + (j % 16))) & 1;
    }

    function step(uint256 rounds) external returns (uint256) {
        uint256 x = cells;
        for (; rounds > 0; rounds--) {
            uint256 next;
            for (uint256 i = 0; i < 16; i++) {
                for (uint256 j = 0; j < 16; j++) {
                    uint256 around = alive(x, i + 15, j + 15) + alive(x, i + 15, j) + alive(x, i + 15, j + 1) + alive(x, i, j + 15) + alive(x, i, j + 1) + alive(x, i + 1, j + 15) + alive(x, i + 1, j) + alive(x, i + 1, j + 1);
                    if (around == 3 || (around == 2 && alive(x, i, j) == 1)) next |= 1 << (i * 16 + j);
                }
            }
            x = next;
        }
        return cells = x;
    }
}
