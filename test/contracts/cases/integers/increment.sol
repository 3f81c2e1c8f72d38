// SPDX-License-Identifier: Apache-2.0
// ++ and -- before and after, on variables of every home, at the ends.
pragma solidity ^0.8.27;

contract Increment {
    uint8 stored = 254;
    int8 signed = -127;
    mapping(uint256 => uint16) map;
    uint64[3] fixedArray;

    function post() external returns (uint8 before, uint8 later) {
        before = stored++;
        later = stored;
    }

    function pre() external returns (uint8 later, uint8 same) {
        later = ++stored;
        same = stored;
    }

    function down() external returns (int8, int8) {
        return (signed--, signed);
    }

    function elements(uint256 i) external returns (uint16, uint64, uint16, uint64) {
        map[i]++;
        ++map[i];
        fixedArray[i] += 3;
        return (map[i]++, --fixedArray[i], map[i], fixedArray[i]--);
    }

    function local(uint256 x) external pure returns (uint256 r) {
        r = x++ * 10;
        r += ++x;
        r += x-- * 1000;
        r += --x;
    }

    function wrapping() external pure returns (uint8 x, int8 y) {
        x = 255;
        y = -128;
        unchecked {
            x++;
            y--;
        }
    }

    function below() external pure returns (uint256 x) {
        x--;
    }

    function values() external view returns (uint8, int8) {
        return (stored, signed);
    }
}
