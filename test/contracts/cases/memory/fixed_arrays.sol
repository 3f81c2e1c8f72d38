// SPDX-License-Identifier: Apache-2.0
// Fixed arrays in memory: defaults, literals, bounds, as parameters and results.
pragma solidity ^0.8.27;

contract FixedArrays {
    function defaults() external pure returns (uint256[3] memory x, bool[2][2] memory y, string[2] memory z) {}

    function literal() external pure returns (uint8[3] memory) {
        return [1, 2, 255];
    }

    function typedLiteral(uint256 x) external pure returns (uint256[3] memory) {
        return [x, x * 2, 3];
    }

    function at(int16[4] memory list, uint256 i) external pure returns (int16) {
        return list[i];
    }

    function set(int16[4] memory list, uint256 i, int16 x) external pure returns (int16[4] memory, uint256) {
        list[i] = x;
        return (list, list.length);
    }

    function sum(uint256[2][3] calldata grid) external pure returns (uint256 s) {
        for (uint256 i = 0; i < grid.length; i++)
            for (uint256 j = 0; j < grid[i].length; j++) s += grid[i][j] * (i * 10 + j);
    }

    function literalLoop() external pure returns (uint256 s) {
        uint16[5] memory primes = [uint16(2), 3, 5, 7, 11];
        for (uint256 i = 0; i < 5; i++) s = s * 100 + primes[i];
    }

    function indexLiteral(uint256 i) external pure returns (uint256) {
        return [uint256(100), 200, 300][i];
    }
}
