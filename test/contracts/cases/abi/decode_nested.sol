// SPDX-License-Identifier: Apache-2.0
// Decoding of structs with arrays of structs, of several dynamic values beside each other; offsets that repeat.
pragma solidity ^0.8.27;

contract DecodeNested {
    struct Leaf {
        int16 x;
        bytes data;
    }

    struct Branch {
        string name;
        Leaf[] leaves;
        uint8[3] code;
    }

    function roundTrip(Branch[] memory list, bytes4 tag) external pure returns (Branch[] memory, bytes4, uint256) {
        bytes memory data = abi.encode(tag, list);
        (bytes4 t, Branch[] memory back) = abi.decode(data, (bytes4, Branch[]));
        return (back, t, data.length);
    }

    function shared(bytes memory data) external pure returns (string memory, string memory) {
        return abi.decode(data, (string, string));
    }

    function callLike(bytes calldata data) external pure returns (bytes4 selector, address to, uint256[] memory list) {
        selector = bytes4(data[:4]);
        (to, list) = abi.decode(data[4:], (address, uint256[]));
    }

    function inner(bytes calldata data) external pure returns (Branch memory) {
        return abi.decode(data, (Branch));
    }

    function encodeBranch(Branch calldata b) external pure returns (bytes memory) {
        return abi.encode(b);
    }
}
