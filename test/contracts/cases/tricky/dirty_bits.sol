// SPDX-License-Identifier: Apache-2.0
// Narrow values after wrapping arithmetic are of their type wherever they go: compared, widened, hashed, indexed, stored.
pragma solidity ^0.8.27;

contract DirtyBits {
    uint8 stored;
    uint8[3] list;
    mapping(uint8 => uint256) map;

    function wrapped(uint8 x) private pure returns (uint8 r) {
        unchecked {
            r = x + 200;
        }
    }

    function compare(uint8 x) external pure returns (bool, bool, uint256) {
        uint8 y = wrapped(x);
        return (y < x, y == uint8(uint256(x) + 200), uint256(y));
    }

    function shifted(uint8 x) external pure returns (uint8, uint256) {
        unchecked {
            return ((x * 3) >> 1, uint256(x << 7) + ~x);
        }
    }

    function hashed(uint8 x) external pure returns (bytes32, bool) {
        bytes32 h = keccak256(abi.encodePacked(wrapped(x)));
        return (h, h == keccak256(abi.encodePacked(uint8(uint16(x) + 200))));
    }

    function keyed(uint8 x) external returns (uint256) {
        map[wrapped(x)] = 7;
        list[wrapped(x) % 3] = x;
        stored = wrapped(x);
        return map[uint8((uint256(x) + 200) % 256)] + stored;
    }

    function signed(int8 x) external pure returns (int8, int256, bool) {
        unchecked {
            int8 y = x * 2;
            return (y / 3, y, y < 0);
        }
    }

    function divided(uint8 x, uint8 y) external pure returns (uint8) {
        unchecked {
            return (x + y) / 2;
        }
    }

    function fromWide(uint256 x) external pure returns (uint8, bool, bytes1, address) {
        return (uint8(x) / 2, uint8(x) == uint16(x), bytes1(uint8(x)), address(uint160(x)));
    }
}
