// SPDX-License-Identifier: Apache-2.0
// Indexed arrays of strings and of structs, nested fixed arrays: the hash of the elements padded in place.
pragma solidity ^0.8.27;

contract IndexedNested {
    struct Point {
        uint8 x;
        string label;
    }

    event Strings(string[] indexed list);
    event Points(Point[] indexed list, Point indexed one);
    event Grid(uint8[2][3] indexed grid, bytes[2] indexed blobs);

    Point[] stored;

    function strings(string[] memory list) external {
        emit Strings(list);
    }

    function points(Point[] memory list) external {
        for (uint256 i = 0; i < list.length; i++) stored.push(list[i]);
        emit Points(list, list[0]);
        emit Points(stored, stored[stored.length - 1]);
    }

    function grid(uint8[2][3] calldata g, bytes[2] memory blobs) external {
        emit Grid(g, blobs);
    }
}
