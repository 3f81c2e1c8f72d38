// SPDX-License-Identifier: Apache-2.0
// Functions that call themselves and each other.
pragma solidity ^0.8.27;

contract Recursion {
    function factorial(uint256 n) public pure returns (uint256) {
        return n == 0 ? 1 : n * factorial(n - 1);
    }

    function fibonacci(uint256 n) public pure returns (uint256) {
        if (n < 2) return n;
        return fibonacci(n - 1) + fibonacci(n - 2);
    }

    function isEven(uint256 n) public pure returns (bool) {
        return n == 0 || isOdd(n - 1);
    }

    function isOdd(uint256 n) public pure returns (bool) {
        return n != 0 && isEven(n - 1);
    }

    function ackermann(uint256 m, uint256 n) public pure returns (uint256) {
        if (m == 0) return n + 1;
        if (n == 0) return ackermann(m - 1, 1);
        return ackermann(m - 1, ackermann(m, n - 1));
    }

    function digits(uint256 x) public pure returns (string memory) {
        if (x < 10) return string(bytes.concat(bytes1(uint8(48 + x))));
        return string.concat(digits(x / 10), digits(x % 10));
    }

    function hanoi(uint256 n, uint256 from, uint256 to, uint256 by) public pure returns (uint256 moves) {
        if (n == 0) return 0;
        moves = hanoi(n - 1, from, by, to);
        moves = moves * 1 + 1;
        moves += hanoi(n - 1, by, to, from);
    }
}
