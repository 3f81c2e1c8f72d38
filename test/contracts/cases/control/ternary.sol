// SPDX-License-Identifier: Apache-2.0
// Conditional expressions: only the chosen side runs; nesting; as a place, in arguments, of references.
pragma solidity ^0.8.27;

contract Ternary {
    uint256 public runs;
    uint256[] left;
    uint256[] right;

    function once(uint256 x) private returns (uint256) {
        runs++;
        return x;
    }

    function choose(bool c) external returns (uint256) {
        return c ? once(1) : once(2) + once(3);
    }

    function grade(uint256 x) external pure returns (string memory) {
        return x >= 90 ? "A" : x >= 80 ? "B" : x >= 70 ? "C" : "F";
    }

    function push(bool c, uint256 x) external returns (uint256, uint256) {
        uint256[] storage list = c ? left : right;
        list.push(x);
        return (left.length, right.length);
    }

    function inIndex(bool c, uint256[] calldata list) external pure returns (uint256) {
        return list[c ? 0 : list.length - 1] * (c ? 2 : 3);
    }

    function memoryAlias(bool c) external pure returns (uint256, uint256) {
        uint256[1] memory x = [uint256(1)];
        uint256[1] memory y = [uint256(2)];
        (c ? x : y)[0] = 9;
        return (x[0], y[0]);
    }

    function tuple(bool c) external pure returns (uint256 x, bool y) {
        (x, y) = c ? (1, false) : (2, true);
    }
}
