// SPDX-License-Identifier: Apache-2.0
// Shifts of every unsigned width up to and beyond it.
pragma solidity ^0.8.27;

contract UnsignedShift {
    function f(uint8 x, uint16 n) external pure returns (uint8, uint8) { return (x << n, x >> n); }
    function f(uint16 x, uint16 n) external pure returns (uint16, uint16) { return (x << n, x >> n); }
    function f(uint24 x, uint16 n) external pure returns (uint24, uint24) { return (x << n, x >> n); }
    function f(uint32 x, uint16 n) external pure returns (uint32, uint32) { return (x << n, x >> n); }
    function f(uint40 x, uint16 n) external pure returns (uint40, uint40) { return (x << n, x >> n); }
    function f(uint48 x, uint16 n) external pure returns (uint48, uint48) { return (x << n, x >> n); }
    function f(uint56 x, uint16 n) external pure returns (uint56, uint56) { return (x << n, x >> n); }
    function f(uint64 x, uint16 n) external pure returns (uint64, uint64) { return (x << n, x >> n); }
    function f(uint72 x, uint16 n) external pure returns (uint72, uint72) { return (x << n, x >> n); }
    function f(uint80 x, uint16 n) external pure returns (uint80, uint80) { return (x << n, x >> n); }
    function f(uint88 x, uint16 n) external pure returns (uint88, uint88) { return (x << n, x >> n); }
    function f(uint96 x, uint16 n) external pure returns (uint96, uint96) { return (x << n, x >> n); }
    function f(uint104 x, uint16 n) external pure returns (uint104, uint104) { return (x << n, x >> n); }
    function f(uint112 x, uint16 n) external pure returns (uint112, uint112) { return (x << n, x >> n); }
    function f(uint120 x, uint16 n) external pure returns (uint120, uint120) { return (x << n, x >> n); }
    function f(uint128 x, uint16 n) external pure returns (uint128, uint128) { return (x << n, x >> n); }
    function f(uint136 x, uint16 n) external pure returns (uint136, uint136) { return (x << n, x >> n); }
    function f(uint144 x, uint16 n) external pure returns (uint144, uint144) { return (x << n, x >> n); }
    function f(uint152 x, uint16 n) external pure returns (uint152, uint152) { return (x << n, x >> n); }
    function f(uint160 x, uint16 n) external pure returns (uint160, uint160) { return (x << n, x >> n); }
    function f(uint168 x, uint16 n) external pure returns (uint168, uint168) { return (x << n, x >> n); }
    function f(uint176 x, uint16 n) external pure returns (uint176, uint176) { return (x << n, x >> n); }
    function f(uint184 x, uint16 n) external pure returns (uint184, uint184) { return (x << n, x >> n); }
    function f(uint192 x, uint16 n) external pure returns (uint192, uint192) { return (x << n, x >> n); }
    function f(uint200 x, uint16 n) external pure returns (uint200, uint200) { return (x << n, x >> n); }
    function f(uint208 x, uint16 n) external pure returns (uint208, uint208) { return (x << n, x >> n); }
    function f(uint216 x, uint16 n) external pure returns (uint216, uint216) { return (x << n, x >> n); }
    function f(uint224 x, uint16 n) external pure returns (uint224, uint224) { return (x << n, x >> n); }
    function f(uint232 x, uint16 n) external pure returns (uint232, uint232) { return (x << n, x >> n); }
    function f(uint240 x, uint16 n) external pure returns (uint240, uint240) { return (x << n, x >> n); }
    function f(uint248 x, uint16 n) external pure returns (uint248, uint248) { return (x << n, x >> n); }
    function f(uint256 x, uint16 n) external pure returns (uint256, uint256) { return (x << n, x >> n); }
}
