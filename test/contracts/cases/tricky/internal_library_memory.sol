// SPDX-License-Identifier: Apache-2.0
// Builders: functions that give the same memory back and change it on the way.
pragma solidity ^0.8.27;

library Builder {
    struct Text {
        bytes data;
        uint256 used;
    }

    function make(uint256 capacity) internal pure returns (Text memory t) {
        t.data = new bytes(capacity);
    }

    function add(Text memory t, string memory s) internal pure returns (Text memory) {
        bytes memory b = bytes(s);
        if (t.used + b.length > t.data.length) {
            bytes memory grown = new bytes((t.used + b.length) * 2);
            for (uint256 i = 0; i < t.used; i++) grown[i] = t.data[i];
            t.data = grown;
        }
        for (uint256 i = 0; i < b.length; i++) t.data[t.used++] = b[i];
        return t;
    }

    function done(Text memory t) internal pure returns (string memory) {
        bytes memory r = new bytes(t.used);
        for (uint256 i = 0; i < t.used; i++) r[i] = t.data[i];
        return string(r);
    }
}

contract InternalLibraryMemory {
    using Builder for Builder.Text;

    function build(string[] calldata parts, uint256 capacity) external pure returns (string memory, uint256) {
        Builder.Text memory t = Builder.make(capacity);
        for (uint256 i = 0; i < parts.length; i++) t.add(parts[i]).add(";");
        return (t.done(), t.used);
    }
}
