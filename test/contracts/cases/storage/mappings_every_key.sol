// SPDX-License-Identifier: Apache-2.0
// Mappings by every kind of key, and keys that differ only in what a careless encoding loses.
pragma solidity ^0.8.27;

contract MappingsEveryKey {
    enum Colour { Red, Green }

    mapping(bool => uint256) byBool;
    mapping(uint8 => uint256) byUint8;
    mapping(int8 => uint256) byInt8;
    mapping(uint256 => uint256) byUint;
    mapping(int256 => uint256) byInt;
    mapping(address => uint256) byAddress;
    mapping(bytes1 => uint256) byByte;
    mapping(bytes32 => uint256) byWord;
    mapping(Colour => uint256) byEnum;
    mapping(string => uint256) byString;
    mapping(bytes => uint256) byBytes;

    function fill() external {
        byBool[true] = 1;
        byBool[false] = 2;
        byUint8[255] = 3;
        byInt8[-1] = 4;
        byInt8[127] = 5;
        byUint[type(uint256).max] = 6;
        byInt[-1] = 7;
        byInt[type(int256).min] = 8;
        byAddress[msg.sender] = 9;
        byByte[0x80] = 10;
        byWord["x"] = 11;
        byEnum[Colour.Green] = 12;
        byString[""] = 13;
        byString["a"] = 14;
        byString["a text of more than thirty-two bytes, as a key"] = 15;
        byBytes[hex"61"] = 16;
        byBytes[hex"6100"] = 17;
    }

    function numbers() external view returns (uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint256) {
        return (byBool[true], byBool[false], byUint8[255], byInt8[-1], byInt8[127], byUint[type(uint256).max], byInt[-1], byInt[type(int256).min]);
    }

    function others() external view returns (uint256, uint256, uint256, uint256, uint256) {
        return (byAddress[msg.sender], byByte[0x80], byWord["x"], byEnum[Colour.Green], byEnum[Colour.Red]);
    }

    function text(string calldata key) external view returns (uint256) {
        return byString[key];
    }

    function data(bytes memory key) external view returns (uint256) {
        return byBytes[key];
    }

    function byNumber(int8 key) external view returns (uint256, uint256) {
        return (byInt8[key], byUint8[uint8(key)]);
    }
}
