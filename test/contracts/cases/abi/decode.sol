// SPDX-License-Identifier: Apache-2.0
// abi.decode of what abi.encode made, of all kinds.
pragma solidity ^0.8.27;

contract Decode {
    struct Item {
        uint8 id;
        string name;
        int256[] values;
    }

    enum E { A, B, C }

    function values(bytes calldata data) external pure returns (uint8, int16, bool, bytes3, address) {
        return abi.decode(data, (uint8, int16, bool, bytes3, address));
    }

    function roundTrip(Item memory item, string[] memory list) external pure returns (Item memory, string[] memory, uint256) {
        bytes memory data = abi.encode(item, list, uint256(9));
        return abi.decode(data, (Item, string[], uint256));
    }

    function fromMemory(uint256 x, bytes memory y) external pure returns (uint256 a, bytes memory b) {
        (a, b) = abi.decode(abi.encode(x, y), (uint256, bytes));
        b[0] = 0x7a;
    }

    function fixedLists(bytes memory data) external pure returns (uint256[2] memory a, E b) {
        (a, b) = abi.decode(data, (uint256[2], E));
    }

    function longer(bytes memory data) external pure returns (uint256) {
        return abi.decode(data, (uint256));
    }

    function nested(bytes memory data) external pure returns (uint256[][] memory) {
        return abi.decode(data, (uint256[][]));
    }
}
