// SPDX-License-Identifier: Apache-2.0
// Comparing strings, bytes, structs and arrays by hash; hashes of slices and of nothing.
pragma solidity ^0.8.27;

contract HashAndCompare {
    string stored = "abc";

    function same(string calldata x, string memory y) external view returns (bool, bool, bool) {
        return (keccak256(bytes(x)) == keccak256(bytes(y)), keccak256(bytes(stored)) == keccak256(abi.encodePacked(x)), bytes(x).length == bytes(y).length);
    }

    function nothing() external pure returns (bytes32, bool) {
        return (keccak256(""), keccak256("") == keccak256(new bytes(0)));
    }

    function slice(bytes calldata x) external pure returns (bytes32, bool) {
        return (keccak256(x[1:]), keccak256(x[:1]) == keccak256(x[1:2]));
    }

    function lists(uint256[] calldata x, uint256[] memory y) external pure returns (bool) {
        return keccak256(abi.encode(x)) == keccak256(abi.encode(y));
    }

    function domain(string calldata name, uint256 chain) external view returns (bytes32) {
        return keccak256(abi.encode(keccak256("Domain(string name,uint256 chain,address who)"), keccak256(bytes(name)), chain, msg.sender));
    }
}
