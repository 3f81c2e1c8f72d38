// SPDX-License-Identifier: Apache-2.0
// Choices between references of different homes: what is copied, what is shared.
pragma solidity ^0.8.27;

contract TernaryReferences {
    uint256[] stored;
    string name = "stored";
    bytes32 constant KEY = "key";

    struct P {
        uint256 x;
        string s;
    }

    function lists(bool c) external returns (uint256[] memory) {
        delete stored;
        stored.push(5);
        uint256[] memory m = new uint256[](2);
        uint256[] memory r = c ? m : stored;
        r[0] = 9;
        stored[0] += m[0];
        return c ? stored : m;
    }

    function texts(bool c, string memory s) external view returns (string memory, string memory, uint256) {
        return (c ? s : "literal", c ? name : s, bytes(c ? "ab" : "abc").length);
    }

    function structs(bool c) external pure returns (P memory) {
        P memory a = P(1, "a");
        P memory b = P(2, "b");
        (c ? a : b).x = 7;
        P memory r = c ? b : a;
        r.s = string.concat(a.s, b.s);
        return c ? b : a;
    }

    function words(bool c, bytes4 x) external pure returns (bytes32, bytes4) {
        return (c ? KEY : bytes32("other"), c ? x : bytes4(0));
    }

    function nested(uint256 x) external pure returns (uint256) {
        return (x < 10 ? x < 5 ? 1 : 2 : x < 15 ? 3 : 4) * (x % 2 == 0 ? 10 : 100);
    }
}
