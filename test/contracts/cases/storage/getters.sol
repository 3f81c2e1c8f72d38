// SPDX-License-Identifier: Apache-2.0
// Getters of public variables: of structs without arrays and mappings, of nested ones with keys.
pragma solidity ^0.8.27;

contract Getters {
    struct Record {
        uint256 id;
        uint256[] hiddenList;
        string name;
        mapping(uint256 => uint256) hiddenMap;
        bytes data;
        Inner inner;
        uint8[2] hiddenPair;
        bool last;
    }

    struct Inner {
        int8 x;
        uint16[] list;
    }

    Record public record;
    Record[] public records;
    mapping(address => Record) public byAddress;
    uint8[3][2] public grid;
    mapping(uint256 => mapping(string => int256[])) public deep;
    bytes[] public blobs;
    int24 public constant MINUS = -3;

    constructor() {
        record.id = 1;
        record.name = "one";
        record.data = hex"0102";
        record.inner.x = -8;
        record.inner.list.push(5);
        record.last = true;
        record.hiddenPair[1] = 6;
        records.push().id = 2;
        byAddress[msg.sender].name = "sender";
        grid[1][2] = 12;
        deep[4]["key"].push(-4);
        blobs.push("blob");
    }
}
