// SPDX-License-Identifier: Apache-2.0
// Negation of every signed width: the smallest has no opposite.
pragma solidity ^0.8.27;

contract Negate {
    function f(int8 x) external pure returns (int8) { return -x; }
    function g(int8 x) external pure returns (int8) { unchecked { return -x; } }
    function f(int16 x) external pure returns (int16) { return -x; }
    function g(int16 x) external pure returns (int16) { unchecked { return -x; } }
    function f(int24 x) external pure returns (int24) { return -x; }
    function g(int24 x) external pure returns (int24) { unchecked { return -x; } }
    function f(int32 x) external pure returns (int32) { return -x; }
    function g(int32 x) external pure returns (int32) { unchecked { return -x; } }
    function f(int40 x) external pure returns (int40) { return -x; }
    function g(int40 x) external pure returns (int40) { unchecked { return -x; } }
    function f(int48 x) external pure returns (int48) { return -x; }
    function g(int48 x) external pure returns (int48) { unchecked { return -x; } }
    function f(int56 x) external pure returns (int56) { return -x; }
    function g(int56 x) external pure returns (int56) { unchecked { return -x; } }
    function f(int64 x) external pure returns (int64) { return -x; }
    function g(int64 x) external pure returns (int64) { unchecked { return -x; } }
    function f(int72 x) external pure returns (int72) { return -x; }
    function g(int72 x) external pure returns (int72) { unchecked { return -x; } }
    function f(int80 x) external pure returns (int80) { return -x; }
    function g(int80 x) external pure returns (int80) { unchecked { return -x; } }
    function f(int88 x) external pure returns (int88) { return -x; }
    function g(int88 x) external pure returns (int88) { unchecked { return -x; } }
    function f(int96 x) external pure returns (int96) { return -x; }
    function g(int96 x) external pure returns (int96) { unchecked { return -x; } }
    function f(int104 x) external pure returns (int104) { return -x; }
    function g(int104 x) external pure returns (int104) { unchecked { return -x; } }
    function f(int112 x) external pure returns (int112) { return -x; }
    function g(int112 x) external pure returns (int112) { unchecked { return -x; } }
    function f(int120 x) external pure returns (int120) { return -x; }
    function g(int120 x) external pure returns (int120) { unchecked { return -x; } }
    function f(int128 x) external pure returns (int128) { return -x; }
    function g(int128 x) external pure returns (int128) { unchecked { return -x; } }
    function f(int136 x) external pure returns (int136) { return -x; }
    function g(int136 x) external pure returns (int136) { unchecked { return -x; } }
    function f(int144 x) external pure returns (int144) { return -x; }
    function g(int144 x) external pure returns (int144) { unchecked { return -x; } }
    function f(int152 x) external pure returns (int152) { return -x; }
    function g(int152 x) external pure returns (int152) { unchecked { return -x; } }
    function f(int160 x) external pure returns (int160) { return -x; }
    function g(int160 x) external pure returns (int160) { unchecked { return -x; } }
    function f(int168 x) external pure returns (int168) { return -x; }
    function g(int168 x) external pure returns (int168) { unchecked { return -x; } }
    function f(int176 x) external pure returns (int176) { return -x; }
    function g(int176 x) external pure returns (int176) { unchecked { return -x; } }
    function f(int184 x) external pure returns (int184) { return -x; }
    function g(int184 x) external pure returns (int184) { unchecked { return -x; } }
    function f(int192 x) external pure returns (int192) { return -x; }
    function g(int192 x) external pure returns (int192) { unchecked { return -x; } }
    function f(int200 x) external pure returns (int200) { return -x; }
    function g(int200 x) external pure returns (int200) { unchecked { return -x; } }
    function f(int208 x) external pure returns (int208) { return -x; }
    function g(int208 x) external pure returns (int208) { unchecked { return -x; } }
    function f(int216 x) external pure returns (int216) { return -x; }
    function g(int216 x) external pure returns (int216) { unchecked { return -x; } }
    function f(int224 x) external pure returns (int224) { return -x; }
    function g(int224 x) external pure returns (int224) { unchecked { return -x; } }
    function f(int232 x) external pure returns (int232) { return -x; }
    function g(int232 x) external pure returns (int232) { unchecked { return -x; } }
    function f(int240 x) external pure returns (int240) { return -x; }
    function g(int240 x) external pure returns (int240) { unchecked { return -x; } }
    function f(int248 x) external pure returns (int248) { return -x; }
    function g(int248 x) external pure returns (int248) { unchecked { return -x; } }
    function f(int256 x) external pure returns (int256) { return -x; }
    function g(int256 x) external pure returns (int256) { unchecked { return -x; } }
}
