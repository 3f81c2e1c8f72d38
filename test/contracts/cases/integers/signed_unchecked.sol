// SPDX-License-Identifier: Apache-2.0
// Wrapping addition, subtraction and multiplication of every signed width.
pragma solidity ^0.8.27;

contract SignedUnchecked {
    function f(int8 x, int8 y) external pure returns (int8, int8, int8) { unchecked { return (x + y, x - y, x * y); } }
    function f(int16 x, int16 y) external pure returns (int16, int16, int16) { unchecked { return (x + y, x - y, x * y); } }
    function f(int24 x, int24 y) external pure returns (int24, int24, int24) { unchecked { return (x + y, x - y, x * y); } }
    function f(int32 x, int32 y) external pure returns (int32, int32, int32) { unchecked { return (x + y, x - y, x * y); } }
    function f(int40 x, int40 y) external pure returns (int40, int40, int40) { unchecked { return (x + y, x - y, x * y); } }
    function f(int48 x, int48 y) external pure returns (int48, int48, int48) { unchecked { return (x + y, x - y, x * y); } }
    function f(int56 x, int56 y) external pure returns (int56, int56, int56) { unchecked { return (x + y, x - y, x * y); } }
    function f(int64 x, int64 y) external pure returns (int64, int64, int64) { unchecked { return (x + y, x - y, x * y); } }
    function f(int72 x, int72 y) external pure returns (int72, int72, int72) { unchecked { return (x + y, x - y, x * y); } }
    function f(int80 x, int80 y) external pure returns (int80, int80, int80) { unchecked { return (x + y, x - y, x * y); } }
    function f(int88 x, int88 y) external pure returns (int88, int88, int88) { unchecked { return (x + y, x - y, x * y); } }
    function f(int96 x, int96 y) external pure returns (int96, int96, int96) { unchecked { return (x + y, x - y, x * y); } }
    function f(int104 x, int104 y) external pure returns (int104, int104, int104) { unchecked { return (x + y, x - y, x * y); } }
    function f(int112 x, int112 y) external pure returns (int112, int112, int112) { unchecked { return (x + y, x - y, x * y); } }
    function f(int120 x, int120 y) external pure returns (int120, int120, int120) { unchecked { return (x + y, x - y, x * y); } }
    function f(int128 x, int128 y) external pure returns (int128, int128, int128) { unchecked { return (x + y, x - y, x * y); } }
    function f(int136 x, int136 y) external pure returns (int136, int136, int136) { unchecked { return (x + y, x - y, x * y); } }
    function f(int144 x, int144 y) external pure returns (int144, int144, int144) { unchecked { return (x + y, x - y, x * y); } }
    function f(int152 x, int152 y) external pure returns (int152, int152, int152) { unchecked { return (x + y, x - y, x * y); } }
    function f(int160 x, int160 y) external pure returns (int160, int160, int160) { unchecked { return (x + y, x - y, x * y); } }
    function f(int168 x, int168 y) external pure returns (int168, int168, int168) { unchecked { return (x + y, x - y, x * y); } }
    function f(int176 x, int176 y) external pure returns (int176, int176, int176) { unchecked { return (x + y, x - y, x * y); } }
    function f(int184 x, int184 y) external pure returns (int184, int184, int184) { unchecked { return (x + y, x - y, x * y); } }
    function f(int192 x, int192 y) external pure returns (int192, int192, int192) { unchecked { return (x + y, x - y, x * y); } }
    function f(int200 x, int200 y) external pure returns (int200, int200, int200) { unchecked { return (x + y, x - y, x * y); } }
    function f(int208 x, int208 y) external pure returns (int208, int208, int208) { unchecked { return (x + y, x - y, x * y); } }
    function f(int216 x, int216 y) external pure returns (int216, int216, int216) { unchecked { return (x + y, x - y, x * y); } }
    function f(int224 x, int224 y) external pure returns (int224, int224, int224) { unchecked { return (x + y, x - y, x * y); } }
    function f(int232 x, int232 y) external pure returns (int232, int232, int232) { unchecked { return (x + y, x - y, x * y); } }
    function f(int240 x, int240 y) external pure returns (int240, int240, int240) { unchecked { return (x + y, x - y, x * y); } }
    function f(int248 x, int248 y) external pure returns (int248, int248, int248) { unchecked { return (x + y, x - y, x * y); } }
    function f(int256 x, int256 y) external pure returns (int256, int256, int256) { unchecked { return (x + y, x - y, x * y); } }
}
