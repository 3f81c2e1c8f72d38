// SPDX-License-Identifier: Apache-2.0
// Division and remainder of every unsigned width: towards zero, sign of the dividend, panic on zero.
pragma solidity ^0.8.27;

contract UnsignedDivide {
    function f(uint8 x, uint8 y) external pure returns (uint8, uint8) { return (x / y, x % y); }
    function f(uint16 x, uint16 y) external pure returns (uint16, uint16) { return (x / y, x % y); }
    function f(uint24 x, uint24 y) external pure returns (uint24, uint24) { return (x / y, x % y); }
    function f(uint32 x, uint32 y) external pure returns (uint32, uint32) { return (x / y, x % y); }
    function f(uint40 x, uint40 y) external pure returns (uint40, uint40) { return (x / y, x % y); }
    function f(uint48 x, uint48 y) external pure returns (uint48, uint48) { return (x / y, x % y); }
    function f(uint56 x, uint56 y) external pure returns (uint56, uint56) { return (x / y, x % y); }
    function f(uint64 x, uint64 y) external pure returns (uint64, uint64) { return (x / y, x % y); }
    function f(uint72 x, uint72 y) external pure returns (uint72, uint72) { return (x / y, x % y); }
    function f(uint80 x, uint80 y) external pure returns (uint80, uint80) { return (x / y, x % y); }
    function f(uint88 x, uint88 y) external pure returns (uint88, uint88) { return (x / y, x % y); }
    function f(uint96 x, uint96 y) external pure returns (uint96, uint96) { return (x / y, x % y); }
    function f(uint104 x, uint104 y) external pure returns (uint104, uint104) { return (x / y, x % y); }
    function f(uint112 x, uint112 y) external pure returns (uint112, uint112) { return (x / y, x % y); }
    function f(uint120 x, uint120 y) external pure returns (uint120, uint120) { return (x / y, x % y); }
    function f(uint128 x, uint128 y) external pure returns (uint128, uint128) { return (x / y, x % y); }
    function f(uint136 x, uint136 y) external pure returns (uint136, uint136) { return (x / y, x % y); }
    function f(uint144 x, uint144 y) external pure returns (uint144, uint144) { return (x / y, x % y); }
    function f(uint152 x, uint152 y) external pure returns (uint152, uint152) { return (x / y, x % y); }
    function f(uint160 x, uint160 y) external pure returns (uint160, uint160) { return (x / y, x % y); }
    function f(uint168 x, uint168 y) external pure returns (uint168, uint168) { return (x / y, x % y); }
    function f(uint176 x, uint176 y) external pure returns (uint176, uint176) { return (x / y, x % y); }
    function f(uint184 x, uint184 y) external pure returns (uint184, uint184) { return (x / y, x % y); }
    function f(uint192 x, uint192 y) external pure returns (uint192, uint192) { return (x / y, x % y); }
    function f(uint200 x, uint200 y) external pure returns (uint200, uint200) { return (x / y, x % y); }
    function f(uint208 x, uint208 y) external pure returns (uint208, uint208) { return (x / y, x % y); }
    function f(uint216 x, uint216 y) external pure returns (uint216, uint216) { return (x / y, x % y); }
    function f(uint224 x, uint224 y) external pure returns (uint224, uint224) { return (x / y, x % y); }
    function f(uint232 x, uint232 y) external pure returns (uint232, uint232) { return (x / y, x % y); }
    function f(uint240 x, uint240 y) external pure returns (uint240, uint240) { return (x / y, x % y); }
    function f(uint248 x, uint248 y) external pure returns (uint248, uint248) { return (x / y, x % y); }
    function f(uint256 x, uint256 y) external pure returns (uint256, uint256) { return (x / y, x % y); }
}
