// SPDX-License-Identifier: Apache-2.0
// Enums: order, conversion, as keys, in storage, ranges.
pragma solidity ^0.8.27;

contract Enums {
    enum Light { Red, Yellow, Green }

    Light public light;
    Light public first = Light.Yellow;
    mapping(Light => uint256) public seen;

    function next() external returns (Light) {
        if (light == Light.Green) light = Light.Red;
        else light = Light(uint8(light) + 1);
        seen[light]++;
        return light;
    }

    function number(Light x) external pure returns (uint8, bool, bool) {
        return (uint8(x), x > Light.Red, x == Light.Green);
    }

    function from(uint256 x) external pure returns (Light) {
        return Light(x);
    }

    function fromSigned(int8 x) external pure returns (Light) {
        return Light(uint8(x));
    }

    function echo(Light[] calldata list) external pure returns (Light[] memory) {
        return list;
    }

    function reset() external {
        delete first;
    }
}
