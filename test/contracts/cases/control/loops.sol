// SPDX-License-Identifier: Apache-2.0
// for, while and do-while with missing parts, break and continue.
pragma solidity ^0.8.27;

contract Loops {
    function sumFor(uint256 n) external pure returns (uint256 s) {
        for (uint256 i = 1; i <= n; ++i) s += i;
    }

    function whileDown(uint256 n) external pure returns (uint256 s) {
        while (n > 0) {
            s += n;
            n--;
        }
    }

    function atLeastOnce(uint256 n) external pure returns (uint256 rounds) {
        do {
            rounds++;
        } while (rounds < n);
    }

    function bareFor(uint256 n) external pure returns (uint256 i) {
        for (;;) {
            if (i * i >= n) break;
            i++;
        }
    }

    function oddsUntil(uint256 n, uint256 end) external pure returns (uint256 s) {
        for (uint256 i = 0; i < n; i++) {
            if (i % 2 == 0) continue;
            if (i > end) break;
            s += i;
        }
    }

    function continueInWhile(uint256 n) external pure returns (uint256 s) {
        uint256 i;
        while (i < n) {
            i++;
            if (i % 3 == 0) continue;
            s = s * 10 + i;
        }
    }

    function continueInDo(uint256 n) external pure returns (uint256 s) {
        uint256 i;
        do {
            i++;
            if (i == 2) continue;
            s = s * 10 + i;
        } while (i < n);
    }

    function downToZero(uint8 n) external pure returns (uint256 s) {
        for (uint8 i = n; i >= 0; i--) s += i;
    }
}
