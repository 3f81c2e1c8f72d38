// SPDX-License-Identifier: Apache-2.0
// Shifts of every signed width up to and beyond it.
pragma solidity ^0.8.27;

contract SignedShift {
    function f(int8 x, uint16 n) external pure returns (int8, int8) { return (x << n, x >> n); }
    function f(int16 x, uint16 n) external pure returns (int16, int16) { return (x << n, x >> n); }
    function f(int24 x, uint16 n) external pure returns (int24, int24) { return (x << n, x >> n); }
    function f(int32 x, uint16 n) external pure returns (int32, int32) { return (x << n, x >> n); }
    function f(int40 x, uint16 n) external pure returns (int40, int40) { return (x << n, x >> n); }
    function f(int48 x, uint16 n) external pure returns (int48, int48) { return (x << n, x >> n); }
    function f(int56 x, uint16 n) external pure returns (int56, int56) { return (x << n, x >> n); }
    function f(int64 x, uint16 n) external pure returns (int64, int64) { return (x << n, x >> n); }
    function f(int72 x, uint16 n) external pure returns (int72, int72) { return (x << n, x >> n); }
    function f(int80 x, uint16 n) external pure returns (int80, int80) { return (x << n, x >> n); }
    function f(int88 x, uint16 n) external pure returns (int88, int88) { return (x << n, x >> n); }
    function f(int96 x, uint16 n) external pure returns (int96, int96) { return (x << n, x >> n); }
    function f(int104 x, uint16 n) external pure returns (int104, int104) { return (x << n, x >> n); }
    function f(int112 x, uint16 n) external pure returns (int112, int112) { return (x << n, x >> n); }
    function f(int120 x, uint16 n) external pure returns (int120, int120) { return (x << n, x >> n); }
    function f(int128 x, uint16 n) external pure returns (int128, int128) { return (x << n, x >> n); }
    function f(int136 x, uint16 n) external pure returns (int136, int136) { return (x << n, x >> n); }
    function f(int144 x, uint16 n) external pure returns (int144, int144) { return (x << n, x >> n); }
    function f(int152 x, uint16 n) external pure returns (int152, int152) { return (x << n, x >> n); }
    function f(int160 x, uint16 n) external pure returns (int160, int160) { return (x << n, x >> n); }
    function f(int168 x, uint16 n) external pure returns (int168, int168) { return (x << n, x >> n); }
    function f(int176 x, uint16 n) external pure returns (int176, int176) { return (x << n, x >> n); }
    function f(int184 x, uint16 n) external pure returns (int184, int184) { return (x << n, x >> n); }
    function f(int192 x, uint16 n) external pure returns (int192, int192) { return (x << n, x >> n); }
    function f(int200 x, uint16 n) external pure returns (int200, int200) { return (x << n, x >> n); }
    function f(int208 x, uint16 n) external pure returns (int208, int208) { return (x << n, x >> n); }
    function f(int216 x, uint16 n) external pure returns (int216, int216) { return (x << n, x >> n); }
    function f(int224 x, uint16 n) external pure returns (int224, int224) { return (x << n, x >> n); }
    function f(int232 x, uint16 n) external pure returns (int232, int232) { return (x << n, x >> n); }
    function f(int240 x, uint16 n) external pure returns (int240, int240) { return (x << n, x >> n); }
    function f(int248 x, uint16 n) external pure returns (int248, int248) { return (x << n, x >> n); }
    function f(int256 x, uint16 n) external pure returns (int256, int256) { return (x << n, x >> n); }
}
