// SPDX-License-Identifier: Apache-2.0
// The smallest of every signed width divided by -1 overflows; without checks it stays; its remainder is 0.
pragma solidity ^0.8.27;

contract SmallestByMinusOne {
    function f(int8 x, int8 y) external pure returns (int8) { return x / y; }
    function g(int8 x, int8 y) external pure returns (int8, int8) { unchecked { return (x / y, x % y); } }
    function h(int8 x, int8 y) external pure returns (int8) { return x % y; }
    function f(int32 x, int32 y) external pure returns (int32) { return x / y; }
    function g(int32 x, int32 y) external pure returns (int32, int32) { unchecked { return (x / y, x % y); } }
    function h(int32 x, int32 y) external pure returns (int32) { return x % y; }
    function f(int56 x, int56 y) external pure returns (int56) { return x / y; }
    function g(int56 x, int56 y) external pure returns (int56, int56) { unchecked { return (x / y, x % y); } }
    function h(int56 x, int56 y) external pure returns (int56) { return x % y; }
    function f(int80 x, int80 y) external pure returns (int80) { return x / y; }
    function g(int80 x, int80 y) external pure returns (int80, int80) { unchecked { return (x / y, x % y); } }
    function h(int80 x, int80 y) external pure returns (int80) { return x % y; }
    function f(int104 x, int104 y) external pure returns (int104) { return x / y; }
    function g(int104 x, int104 y) external pure returns (int104, int104) { unchecked { return (x / y, x % y); } }
    function h(int104 x, int104 y) external pure returns (int104) { return x % y; }
    function f(int128 x, int128 y) external pure returns (int128) { return x / y; }
    function g(int128 x, int128 y) external pure returns (int128, int128) { unchecked { return (x / y, x % y); } }
    function h(int128 x, int128 y) external pure returns (int128) { return x % y; }
    function f(int152 x, int152 y) external pure returns (int152) { return x / y; }
    function g(int152 x, int152 y) external pure returns (int152, int152) { unchecked { return (x / y, x % y); } }
    function h(int152 x, int152 y) external pure returns (int152) { return x % y; }
    function f(int176 x, int176 y) external pure returns (int176) { return x / y; }
    function g(int176 x, int176 y) external pure returns (int176, int176) { unchecked { return (x / y, x % y); } }
    function h(int176 x, int176 y) external pure returns (int176) { return x % y; }
    function f(int200 x, int200 y) external pure returns (int200) { return x / y; }
    function g(int200 x, int200 y) external pure returns (int200, int200) { unchecked { return (x / y, x % y); } }
    function h(int200 x, int200 y) external pure returns (int200) { return x % y; }
    function f(int224 x, int224 y) external pure returns (int224) { return x / y; }
    function g(int224 x, int224 y) external pure returns (int224, int224) { unchecked { return (x / y, x % y); } }
    function h(int224 x, int224 y) external pure returns (int224) { return x % y; }
    function f(int248 x, int248 y) external pure returns (int248) { return x / y; }
    function g(int248 x, int248 y) external pure returns (int248, int248) { unchecked { return (x / y, x % y); } }
    function h(int248 x, int248 y) external pure returns (int248) { return x % y; }
}
