// SPDX-License-Identifier: Apache-2.0
// Narrowing keeps the low bits, widening the sign: every width.
pragma solidity ^0.8.27;

contract Cast {
    function f8(uint256 x) external pure returns (uint8, int8) { return (uint8(x), int8(int256(x))); }
    function g(int8 x) external pure returns (int256, uint256, uint8) { return (x, uint256(int256(x)), uint8(x)); }
    function f16(uint256 x) external pure returns (uint16, int16) { return (uint16(x), int16(int256(x))); }
    function g(int16 x) external pure returns (int256, uint256, uint16) { return (x, uint256(int256(x)), uint16(x)); }
    function f24(uint256 x) external pure returns (uint24, int24) { return (uint24(x), int24(int256(x))); }
    function g(int24 x) external pure returns (int256, uint256, uint24) { return (x, uint256(int256(x)), uint24(x)); }
    function f32(uint256 x) external pure returns (uint32, int32) { return (uint32(x), int32(int256(x))); }
    function g(int32 x) external pure returns (int256, uint256, uint32) { return (x, uint256(int256(x)), uint32(x)); }
    function f40(uint256 x) external pure returns (uint40, int40) { return (uint40(x), int40(int256(x))); }
    function g(int40 x) external pure returns (int256, uint256, uint40) { return (x, uint256(int256(x)), uint40(x)); }
    function f48(uint256 x) external pure returns (uint48, int48) { return (uint48(x), int48(int256(x))); }
    function g(int48 x) external pure returns (int256, uint256, uint48) { return (x, uint256(int256(x)), uint48(x)); }
    function f56(uint256 x) external pure returns (uint56, int56) { return (uint56(x), int56(int256(x))); }
    function g(int56 x) external pure returns (int256, uint256, uint56) { return (x, uint256(int256(x)), uint56(x)); }
    function f64(uint256 x) external pure returns (uint64, int64) { return (uint64(x), int64(int256(x))); }
    function g(int64 x) external pure returns (int256, uint256, uint64) { return (x, uint256(int256(x)), uint64(x)); }
    function f72(uint256 x) external pure returns (uint72, int72) { return (uint72(x), int72(int256(x))); }
    function g(int72 x) external pure returns (int256, uint256, uint72) { return (x, uint256(int256(x)), uint72(x)); }
    function f80(uint256 x) external pure returns (uint80, int80) { return (uint80(x), int80(int256(x))); }
    function g(int80 x) external pure returns (int256, uint256, uint80) { return (x, uint256(int256(x)), uint80(x)); }
    function f88(uint256 x) external pure returns (uint88, int88) { return (uint88(x), int88(int256(x))); }
    function g(int88 x) external pure returns (int256, uint256, uint88) { return (x, uint256(int256(x)), uint88(x)); }
    function f96(uint256 x) external pure returns (uint96, int96) { return (uint96(x), int96(int256(x))); }
    function g(int96 x) external pure returns (int256, uint256, uint96) { return (x, uint256(int256(x)), uint96(x)); }
    function f104(uint256 x) external pure returns (uint104, int104) { return (uint104(x), int104(int256(x))); }
    function g(int104 x) external pure returns (int256, uint256, uint104) { return (x, uint256(int256(x)), uint104(x)); }
    function f112(uint256 x) external pure returns (uint112, int112) { return (uint112(x), int112(int256(x))); }
    function g(int112 x) external pure returns (int256, uint256, uint112) { return (x, uint256(int256(x)), uint112(x)); }
    function f120(uint256 x) external pure returns (uint120, int120) { return (uint120(x), int120(int256(x))); }
    function g(int120 x) external pure returns (int256, uint256, uint120) { return (x, uint256(int256(x)), uint120(x)); }
    function f128(uint256 x) external pure returns (uint128, int128) { return (uint128(x), int128(int256(x))); }
    function g(int128 x) external pure returns (int256, uint256, uint128) { return (x, uint256(int256(x)), uint128(x)); }
    function f136(uint256 x) external pure returns (uint136, int136) { return (uint136(x), int136(int256(x))); }
    function g(int136 x) external pure returns (int256, uint256, uint136) { return (x, uint256(int256(x)), uint136(x)); }
    function f144(uint256 x) external pure returns (uint144, int144) { return (uint144(x), int144(int256(x))); }
    function g(int144 x) external pure returns (int256, uint256, uint144) { return (x, uint256(int256(x)), uint144(x)); }
    function f152(uint256 x) external pure returns (uint152, int152) { return (uint152(x), int152(int256(x))); }
    function g(int152 x) external pure returns (int256, uint256, uint152) { return (x, uint256(int256(x)), uint152(x)); }
    function f160(uint256 x) external pure returns (uint160, int160) { return (uint160(x), int160(int256(x))); }
    function g(int160 x) external pure returns (int256, uint256, uint160) { return (x, uint256(int256(x)), uint160(x)); }
    function f168(uint256 x) external pure returns (uint168, int168) { return (uint168(x), int168(int256(x))); }
    function g(int168 x) external pure returns (int256, uint256, uint168) { return (x, uint256(int256(x)), uint168(x)); }
    function f176(uint256 x) external pure returns (uint176, int176) { return (uint176(x), int176(int256(x))); }
    function g(int176 x) external pure returns (int256, uint256, uint176) { return (x, uint256(int256(x)), uint176(x)); }
    function f184(uint256 x) external pure returns (uint184, int184) { return (uint184(x), int184(int256(x))); }
    function g(int184 x) external pure returns (int256, uint256, uint184) { return (x, uint256(int256(x)), uint184(x)); }
    function f192(uint256 x) external pure returns (uint192, int192) { return (uint192(x), int192(int256(x))); }
    function g(int192 x) external pure returns (int256, uint256, uint192) { return (x, uint256(int256(x)), uint192(x)); }
    function f200(uint256 x) external pure returns (uint200, int200) { return (uint200(x), int200(int256(x))); }
    function g(int200 x) external pure returns (int256, uint256, uint200) { return (x, uint256(int256(x)), uint200(x)); }
    function f208(uint256 x) external pure returns (uint208, int208) { return (uint208(x), int208(int256(x))); }
    function g(int208 x) external pure returns (int256, uint256, uint208) { return (x, uint256(int256(x)), uint208(x)); }
    function f216(uint256 x) external pure returns (uint216, int216) { return (uint216(x), int216(int256(x))); }
    function g(int216 x) external pure returns (int256, uint256, uint216) { return (x, uint256(int256(x)), uint216(x)); }
    function f224(uint256 x) external pure returns (uint224, int224) { return (uint224(x), int224(int256(x))); }
    function g(int224 x) external pure returns (int256, uint256, uint224) { return (x, uint256(int256(x)), uint224(x)); }
    function f232(uint256 x) external pure returns (uint232, int232) { return (uint232(x), int232(int256(x))); }
    function g(int232 x) external pure returns (int256, uint256, uint232) { return (x, uint256(int256(x)), uint232(x)); }
    function f240(uint256 x) external pure returns (uint240, int240) { return (uint240(x), int240(int256(x))); }
    function g(int240 x) external pure returns (int256, uint256, uint240) { return (x, uint256(int256(x)), uint240(x)); }
    function f248(uint256 x) external pure returns (uint248, int248) { return (uint248(x), int248(int256(x))); }
    function g(int248 x) external pure returns (int256, uint256, uint248) { return (x, uint256(int256(x)), uint248(x)); }
    function f256(uint256 x) external pure returns (uint256, int256) { return (uint256(x), int256(int256(x))); }
    function g(int256 x) external pure returns (int256, uint256, uint256) { return (x, uint256(int256(x)), uint256(x)); }
}
