// SPDX-License-Identifier: Apache-2.0
// abi.encode of values, strings, arrays and nested data.
pragma solidity ^0.8.27;

contract Encode {
    struct Pair {
        uint256 number;
        string text;
    }

    uint256[] stored;
    string name = "stored name";

    function values(uint8 a, int16 b, bool c, bytes3 d, address e) external pure returns (bytes memory) {
        return abi.encode(a, b, c, d, e);
    }

    function dynamic(string calldata s, uint256[] calldata list) external pure returns (bytes memory) {
        return abi.encode(s, list, uint256(7), bytes("x"));
    }

    function nested(Pair[] memory pairs) external pure returns (bytes memory) {
        return abi.encode(pairs, [uint8(1), 2], [["a", "b"], ["c", "d"]]);
    }

    function fromStorage() external returns (bytes memory) {
        stored.push(5);
        stored.push(6);
        return abi.encode(stored, name);
    }

    function literals() external pure returns (bytes memory) {
        return abi.encode(1, -1, "text", true, hex"ff", 0x1234);
    }

    function nothing() external pure returns (bytes memory) {
        return abi.encode();
    }

    function hash(Pair calldata pair) external pure returns (bytes32) {
        return keccak256(abi.encode(pair));
    }
}
