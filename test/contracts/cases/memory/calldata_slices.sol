// SPDX-License-Identifier: Apache-2.0
// Slices of calldata bytes: bounds, of slices, decoded, hashed.
pragma solidity ^0.8.27;

contract CalldataSlices {
    function cut(bytes calldata x, uint256 from, uint256 to) external pure returns (bytes memory) {
        return x[from:to];
    }

    function fromStart(bytes calldata x, uint256 to) external pure returns (bytes memory) {
        return x[:to];
    }

    function toEnd(bytes calldata x, uint256 from) external pure returns (bytes memory, uint256) {
        bytes calldata rest = x[from:];
        return (rest, rest.length);
    }

    function twice(bytes calldata x) external pure returns (bytes memory) {
        return x[2:8][1:3];
    }

    function index(bytes calldata x, uint256 i) external pure returns (bytes1) {
        return x[1:4][i];
    }

    function selector(bytes calldata x) external pure returns (bytes4, uint256) {
        return (bytes4(x[:4]), abi.decode(x[4:], (uint256)));
    }

    function numbers(uint256[] calldata x, uint256 from, uint256 to) external pure returns (uint256[] memory, uint256) {
        uint256[] calldata part = x[from:to];
        return (part, part.length);
    }

    function text(string calldata x) external pure returns (string memory) {
        return string(bytes(x)[1:]);
    }
}
