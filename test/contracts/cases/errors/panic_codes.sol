// SPDX-License-Identifier: Apache-2.0
// Each panic and its code.
pragma solidity ^0.8.27;

contract PanicCodes {
    enum E { A, B }

    uint256[] list;
    uint256[3] three;
    bytes data;
    uint256 public touched;

    modifier touches() {
        touched++;
        _;
    }

    function assertion(uint256 x) external touches returns (uint256) {
        assert(x == 1);
        return x;
    }

    function overflow(uint8 x) external touches returns (uint8) {
        return x * 2;
    }

    function underflow(uint8 x) external touches returns (uint8) {
        return x - 1;
    }

    function divide(uint256 x) external touches returns (uint256) {
        return 10 / x;
    }

    function remainder(int256 x) external touches returns (int256) {
        return 10 % x;
    }

    function conversion(uint8 x) external touches returns (E) {
        return E(x);
    }

    function popEmpty() external touches {
        list.pop();
    }

    function popEmptyBytes() external touches {
        data.pop();
    }

    function storageIndex(uint256 i) external touches returns (uint256) {
        return list[i];
    }

    function fixedIndex(uint256 i) external touches returns (uint256) {
        return three[i];
    }

    function memoryIndex(uint256 i) external touches returns (uint256) {
        return (new uint256[](2))[i];
    }

    function calldataIndex(uint256[] calldata x, uint256 i) external touches returns (uint256) {
        return x[i];
    }

    function bytesIndex(uint256 i) external touches returns (bytes1) {
        return data[i];
    }

    function fixedBytesIndex(bytes4 x, uint256 i) external touches returns (bytes1) {
        return x[i];
    }

    function tooMuchMemory(uint256 n) external touches returns (bytes memory) {
        return new bytes(n);
    }
}
