// SPDX-License-Identifier: Apache-2.0
// Functions that take every kind of parameter and read all of it, for `hostile_calldata`.
pragma solidity ^0.8.27;

contract Calldata {
    enum Kind { A, B, C }

    struct Plain {
        uint8 a;
        int16 b;
        bytes3 c;
    }

    struct Dynamic {
        uint256 n;
        string s;
        uint64[] xs;
    }

    struct Nested {
        Dynamic d;
        Plain[2] ps;
        bytes[] bs;
    }

    uint256 public calls;
    bytes32 public seen;

    // The state changes before anything that is read late can fail.
    modifier counted() {
        calls++;
        seen = keccak256(abi.encode(seen, calls));
        _;
    }

    function values(uint8 a, int16 b, bytes3 c, bool d, Kind e, address f, int256 g) external counted returns (bytes32) {
        return keccak256(abi.encode(a, b, c, d, e, f, g));
    }

    function plain(Plain memory x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function plainCalldata(Plain calldata x) external counted returns (bytes32) {
        return keccak256(abi.encode(x.a, x.b, x.c));
    }

    function texts(bytes memory x, string memory y) external counted returns (bytes32) {
        return keccak256(abi.encode(x, y));
    }

    function textsCalldata(bytes calldata x, string calldata y) external counted returns (bytes32) {
        return keccak256(abi.encode(x, y));
    }

    function lists(uint64[] memory x, uint8[3] memory y) external counted returns (bytes32) {
        return keccak256(abi.encode(x, y));
    }

    function listsCalldata(uint64[] calldata x, uint8[3] calldata y) external counted returns (bytes32) {
        return keccak256(abi.encode(x, y));
    }

    function rows(uint16[][] memory x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function rowsCalldata(uint16[][] calldata x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function pairs(uint8[2][] memory x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function blobs(bytes[] memory x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function blobsCalldata(string[] calldata x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function twoTexts(string[2] memory x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function dynamicStruct(Dynamic memory x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function dynamicStructCalldata(Dynamic calldata x) external counted returns (bytes32) {
        return keccak256(abi.encode(x.n, x.s, x.xs));
    }

    function dynamicStructs(Dynamic[] memory x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function nested(Nested memory x) external counted returns (bytes32) {
        return keccak256(abi.encode(x));
    }

    function slice(bytes calldata x, uint256 from, uint256 to) external counted returns (bytes memory) {
        return x[from:to];
    }

    function element(uint256[] calldata x, uint256 i) external counted returns (uint256) {
        return x[i];
    }

    function decoded(bytes calldata x) external counted returns (bytes32) {
        (uint8 a, string memory b, int32[] memory c, Kind d) = abi.decode(x, (uint8, string, int32[], Kind));
        return keccak256(abi.encode(a, b, c, d));
    }
}
