// SPDX-License-Identifier: Apache-2.0
// Powers of zero, one and minus one; exponents of several widths; wrapping powers.
pragma solidity ^0.8.27;

contract ExponentEdges {
    function zero(uint256 n) external pure returns (uint256) {
        return 0 ** n;
    }

    function one(uint256 n) external pure returns (uint256, int256) {
        return (1 ** n, int256(-1) ** n);
    }

    function wide(uint8 x, uint256 n) external pure returns (uint8) {
        return x ** n;
    }

    function literalBase(uint256 n) external pure returns (uint256) {
        return 10 ** n;
    }

    function wrap(uint256 x, uint256 n) external pure returns (uint256) {
        unchecked {
            return x ** n;
        }
    }

    function wrapSigned(int16 x, uint16 n) external pure returns (int16) {
        unchecked {
            return x ** n;
        }
    }

    function rightAssociative() external pure returns (uint256) {
        uint256 two = 2;
        return two ** 3 ** two;
    }

    function fromLeft(uint256 x) external pure returns (uint256) {
        return (x ** 2) ** 3;
    }
}
