// SPDX-License-Identifier: Apache-2.0
// reference: new pipeline
// Fixed arrays of structs and of strings, structs of fixed arrays, in state, memory and between.
pragma solidity ^0.8.27;

contract ArraysOfStructsInFixed {
    struct Cell {
        uint8 kind;
        string label;
        int32[3] weights;
    }

    Cell[2] board;
    string[3] names;
    Cell[2][] history;

    function set(uint256 i, uint8 kind, string calldata label) external {
        board[i].kind = kind;
        board[i].label = label;
        board[i].weights[kind % 3] = -int32(uint32(kind));
        names[i] = label;
    }

    function save() external returns (uint256) {
        history.push(board);
        return history.length;
    }

    function restore(uint256 i) external {
        board = history[i];
    }

    function fromMemory(Cell[2] memory cells) external {
        cells[1].label = string.concat(cells[1].label, "+");
        board = cells;
        Cell memory first = board[0];
        first.kind = 77;
        cells[0].kind++;
        board[1] = first;
    }

    function all() external view returns (Cell[2] memory, string[3] memory, uint256) {
        return (board, names, history.length);
    }

    function past(uint256 i, uint256 j) external view returns (Cell memory) {
        return history[i][j];
    }

    function swap() external {
        Cell memory t = board[0];
        board[0] = board[1];
        board[1] = t;
        delete names;
    }
}
