// SPDX-License-Identifier: Apache-2.0
// abi.decode reverts without data on what no encoder writes: short, out of range, offsets and lengths beyond the end.
pragma solidity ^0.8.27;

contract DecodeBadData {
    function asBool(bytes calldata data) external pure returns (bool) {
        return abi.decode(data, (bool));
    }

    function asAddress(bytes calldata data) external pure returns (address) {
        return abi.decode(data, (address));
    }

    function asUint8(bytes memory data) external pure returns (uint8) {
        return abi.decode(data, (uint8));
    }

    function asInt8(bytes memory data) external pure returns (int8) {
        return abi.decode(data, (int8));
    }

    function asBytes2(bytes memory data) external pure returns (bytes2) {
        return abi.decode(data, (bytes2));
    }

    function asBytes(bytes memory data) external pure returns (bytes memory) {
        return abi.decode(data, (bytes));
    }

    function asList(bytes memory data) external pure returns (uint256[] memory) {
        return abi.decode(data, (uint256[]));
    }

    function asPair(bytes memory data) external pure returns (uint256, uint256) {
        return abi.decode(data, (uint256, uint256));
    }
}
