// SPDX-License-Identifier: Apache-2.0
// What Solidity 0.8 keeps in order: statements, arguments with effects, right before left in assignments.
pragma solidity ^0.8.27;

contract StatementOrder {
    uint256[] trail;
    uint256[4] slots;

    function mark(uint256 x) private returns (uint256) {
        trail.push(x);
        return x;
    }

    function assign() external returns (uint256[] memory) {
        delete trail;
        slots[mark(1)] = mark(2);
        return trail;
    }

    function arguments() external returns (uint256[] memory) {
        delete trail;
        three(mark(1), mark(2), mark(3));
        return trail;
    }

    function three(uint256 x, uint256 y, uint256 z) private returns (uint256) {
        trail.push(x * 100 + y * 10 + z);
        return x;
    }

    function lists() external returns (uint256[] memory) {
        delete trail;
        uint256[2] memory pair = [mark(1), mark(2)];
        mark(pair[1] + mark(5));
        return trail;
    }

    function compound() external returns (uint256[] memory, uint256) {
        delete trail;
        slots[2] = 10;
        slots[mark(2)] += mark(7);
        return (trail, slots[2]);
    }

    function returns_() external returns (uint256, uint256, uint256[] memory) {
        delete trail;
        return (mark(1), mark(2), trail);
    }
}
