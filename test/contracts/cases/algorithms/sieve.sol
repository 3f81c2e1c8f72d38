// SPDX-License-Identifier: Apache-2.0
// Primes by a sieve in memory, and the last digits of their sum.
pragma solidity ^0.8.27;

contract Sieve {
    function primes(uint256 n) public pure returns (uint256[] memory list) {
        bool[] memory crossed = new bool[](n + 1);
        uint256 count;
        for (uint256 i = 2; i <= n; i++) {
            if (crossed[i]) continue;
            count++;
            for (uint256 j = i * i; j <= n; j += i) crossed[j] = true;
        }
        list = new uint256[](count);
        count = 0;
        for (uint256 i = 2; i <= n; i++) if (!crossed[i]) list[count++] = i;
    }

    function sum(uint256 n) external pure returns (uint256 s) {
        uint256[] memory list = primes(n);
        for (uint256 i = 0; i < list.length; i++) s += list[i];
    }
}
