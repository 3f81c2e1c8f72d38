// SPDX-License-Identifier: Apache-2.0
// Structs in memory: defaults, positional and named, nested, in conditions and loops.
pragma solidity ^0.8.27;

contract StructValues {
    enum Kind { None, Some }

    struct Inner {
        int256 x;
        bytes2 tag;
    }

    struct Outer {
        Kind kind;
        Inner inner;
        string name;
        uint16[] list;
        address who;
        Inner[2] pair;
    }

    function defaults() external pure returns (Outer memory) {
        Outer memory o;
        return o;
    }

    function named() public view returns (Outer memory o) {
        o = Outer({who: msg.sender, name: "n", kind: Kind.Some, list: new uint16[](1), inner: Inner(-1, "ab"), pair: [Inner(1, 0x0001), Inner(2, 0x0002)]});
        o.list[0] = 65535;
        o.pair[1].x *= -1;
    }

    function clear() external view returns (Outer memory o) {
        o = named();
        delete o.inner;
        delete o.name;
        delete o.list;
        delete o.pair[0];
    }

    function points(uint256 n) external pure returns (int256 s) {
        Inner[] memory list = new Inner[](n);
        for (uint256 i = 0; i < n; i++) list[i] = Inner(int256(i), bytes2(uint16(i)));
        for (uint256 i = 0; i < n; i++) s += list[i].x * int256(uint256(uint16(list[i].tag)));
    }
}
