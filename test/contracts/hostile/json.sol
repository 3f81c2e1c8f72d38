// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

// Takes every kind of value; hostile_json sends it messages that nobody should write.
contract Json {
    enum Colour { Red, Green, Blue }
    struct Point { int32 x; uint256 y; string name; }

    uint256 public calls;
    mapping(string => uint256) public counts;

    error Full(uint256 most);

    function values(uint8 a, int32 b, uint256 c, int256 d, bool e, bytes3 f, address g, Colour h) external returns (uint256) {
        ++calls;
        return a + uint256(uint32(b)) + c + uint256(d) + (e ? 1 : 0) + uint24(f) + uint160(g) + uint8(h);
    }

    function lists(uint16[] calldata a, uint8[2] calldata b, bytes calldata c, string calldata d) external returns (uint256, bytes memory, string memory) {
        ++calls;
        counts[d] += a.length;
        return (a.length + b[0] + b[1], c, d);
    }

    function points(Point[] calldata all) external returns (Point[] memory) {
        ++calls;
        if (all.length > 3) revert Full(3);
        return all;
    }

    function pay() external payable returns (uint256) {
        ++calls;
        return msg.value;
    }

    function who() external view returns (address, uint256) { return (msg.sender, calls); }
}
