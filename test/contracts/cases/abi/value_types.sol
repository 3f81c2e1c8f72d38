// SPDX-License-Identifier: Apache-2.0
// Every kind of value in and out, at its ends.
pragma solidity ^0.8.27;

contract ValueTypes {
    enum E { A, B, C }

    function integers(uint8 a, int8 b, uint32 c, int64 d, uint128 e, int256 f) external pure returns (uint8, int8, uint32, int64, uint128, int256) {
        return (a, b, c, d, e, f);
    }

    function others(bool a, address b, bytes1 c, bytes20 d, bytes32 e, E f) external pure returns (bool, address, bytes1, bytes20, bytes32, E) {
        return (a, b, c, d, e, f);
    }

    function odd(uint24 a, int40 b, uint56 c, int72 d, bytes3 e, bytes31 f) external pure returns (uint24, int40, uint56, int72, bytes3, bytes31) {
        return (a, b, c, d, e, f);
    }

    function many(uint256 a, uint256 b, uint256 c, uint256 d, uint256 e, uint256 f, uint256 g, uint256 h) external pure returns (uint256) {
        return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8;
    }

    function text(string calldata s, bytes calldata b) external pure returns (string memory, bytes memory, uint256) {
        return (s, b, bytes(s).length + b.length);
    }
}
