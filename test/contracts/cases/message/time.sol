// SPDX-License-Identifier: Apache-2.0
// block.timestamp: as units, deadlines, differences.
pragma solidity ^0.8.27;

contract Time {
    uint256 public immutable start = block.timestamp;
    uint256 public deadline;
    error Late(uint256 by);

    function passed() external view returns (uint256) {
        return block.timestamp - start;
    }

    function open(uint256 length) external returns (uint256) {
        deadline = block.timestamp + length;
        return deadline;
    }

    function use() external view returns (uint256) {
        if (block.timestamp > deadline) revert Late(block.timestamp - deadline);
        return deadline - block.timestamp;
    }

    function day() external view returns (uint256) {
        return (block.timestamp / 1 days + 4) % 7;
    }
}
