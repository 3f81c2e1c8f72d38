// SPDX-License-Identifier: Apache-2.0
// Checked subtraction at the ends of every signed width.
pragma solidity ^0.8.27;

contract SignedSubtract {
    function f(int8 x, int8 y) external pure returns (int8) { return x - y; }
    function f(int16 x, int16 y) external pure returns (int16) { return x - y; }
    function f(int24 x, int24 y) external pure returns (int24) { return x - y; }
    function f(int32 x, int32 y) external pure returns (int32) { return x - y; }
    function f(int40 x, int40 y) external pure returns (int40) { return x - y; }
    function f(int48 x, int48 y) external pure returns (int48) { return x - y; }
    function f(int56 x, int56 y) external pure returns (int56) { return x - y; }
    function f(int64 x, int64 y) external pure returns (int64) { return x - y; }
    function f(int72 x, int72 y) external pure returns (int72) { return x - y; }
    function f(int80 x, int80 y) external pure returns (int80) { return x - y; }
    function f(int88 x, int88 y) external pure returns (int88) { return x - y; }
    function f(int96 x, int96 y) external pure returns (int96) { return x - y; }
    function f(int104 x, int104 y) external pure returns (int104) { return x - y; }
    function f(int112 x, int112 y) external pure returns (int112) { return x - y; }
    function f(int120 x, int120 y) external pure returns (int120) { return x - y; }
    function f(int128 x, int128 y) external pure returns (int128) { return x - y; }
    function f(int136 x, int136 y) external pure returns (int136) { return x - y; }
    function f(int144 x, int144 y) external pure returns (int144) { return x - y; }
    function f(int152 x, int152 y) external pure returns (int152) { return x - y; }
    function f(int160 x, int160 y) external pure returns (int160) { return x - y; }
    function f(int168 x, int168 y) external pure returns (int168) { return x - y; }
    function f(int176 x, int176 y) external pure returns (int176) { return x - y; }
    function f(int184 x, int184 y) external pure returns (int184) { return x - y; }
    function f(int192 x, int192 y) external pure returns (int192) { return x - y; }
    function f(int200 x, int200 y) external pure returns (int200) { return x - y; }
    function f(int208 x, int208 y) external pure returns (int208) { return x - y; }
    function f(int216 x, int216 y) external pure returns (int216) { return x - y; }
    function f(int224 x, int224 y) external pure returns (int224) { return x - y; }
    function f(int232 x, int232 y) external pure returns (int232) { return x - y; }
    function f(int240 x, int240 y) external pure returns (int240) { return x - y; }
    function f(int248 x, int248 y) external pure returns (int248) { return x - y; }
    function f(int256 x, int256 y) external pure returns (int256) { return x - y; }
}
