// SPDX-License-Identifier: Apache-2.0
// Types of literals: the smallest that fits in conditionals and tuples; the other operand's in operations.
pragma solidity ^0.8.27;

contract LiteralTypes {
    function conditional(bool c) external pure returns (uint256, int256) {
        return (c ? 255 : 256, c ? int16(-1) : int16(1));
    }

    function arrayOfLiterals() external pure returns (uint256) {
        uint16[3] memory list = [1, 256, 3];
        return list[1] * 255;
    }

    function overflowInType(uint8 x) external pure returns (uint256) {
        return uint8(200) + x;
    }

    function shifted(uint8 n) external pure returns (uint256, uint256) {
        return (uint256(1) << n, 2 ** uint256(n));
    }

    function exact() external pure returns (uint256) {
        return 0.1 ether * 3 - 3e17 + 1e3 / 1e2;
    }

    function hexAddressLike() external pure returns (uint256, bytes20) {
        return (0x00000000000000000000000000000000000000ffff, bytes20(0x00000000219ab540356cBB839Cbe05303d7705Fa));
    }

    function comparison(uint8 x) external pure returns (bool, bool) {
        return (x < 256, x > 0);
    }
}
