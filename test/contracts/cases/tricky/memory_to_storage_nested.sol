// SPDX-License-Identifier: Apache-2.0
// Nested arrays of small elements and strings from memory into storage and back, longer and shorter than before.
pragma solidity ^0.8.27;

contract MemoryToStorageNested {
    struct Row {
        uint8[] small;
        string[] names;
        uint16[2][] pairs;
    }

    Row[] rows;
    uint8[][] matrix;

    function set(uint8[][] memory x) public {
        matrix = x;
    }

    function setMemory(uint8[][] memory x) external {
        matrix = x;
        if (x.length > 0 && x[0].length > 0) x[0][0] = 99;
    }

    function get() external view returns (uint8[][] memory) {
        return matrix;
    }

    function add(Row memory row) external {
        rows.push(row);
    }

    function replace(uint256 i, Row memory row) external {
        rows[i] = row;
    }

    function row_(uint256 i) external view returns (Row memory) {
        return rows[i];
    }
}
