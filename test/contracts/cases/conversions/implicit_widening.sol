// SPDX-License-Identifier: Apache-2.0
// What widens by itself: in returns, arguments, keys, events, errors, pushes, stores.
pragma solidity ^0.8.27;

contract ImplicitWidening {
    mapping(uint256 => uint256) byUint;
    mapping(int256 => uint256) byInt;
    mapping(bytes32 => uint256) byWord;
    mapping(address => uint256) byAddress;
    uint256[] list;
    int128 stored;

    event Wide(uint256 a, int256 b, bytes32 c, address d);
    error Wrong(uint64 a, int32 b);

    function keys(uint8 a, int8 b, bytes4 c) external returns (uint256, uint256, uint256) {
        byUint[a] = 1;
        byInt[b] = 2;
        byWord[c] = 3;
        byAddress[payable(msg.sender)] = 4;
        return (byUint[uint256(a)], byInt[int256(b)], byWord[bytes32(c)] + byAddress[msg.sender]);
    }

    function wide(uint8 a, int8 b, bytes4 c) external {
        emit Wide(a, b, c, payable(msg.sender));
        list.push(a);
        stored = b;
    }

    function result(uint8 a, int8 b, bytes2 c) external pure returns (uint16, int24, bytes32) {
        return (a, b, c);
    }

    function fails(uint8 a, int8 b) external pure {
        revert Wrong(a, b);
    }

    function inner(uint256 a, int256 b) private pure returns (uint256, int256) {
        return (a * 2, b * 2);
    }

    function argument(uint8 a, int8 b) external pure returns (uint256, int256) {
        return inner(a, b);
    }

    function all() external view returns (uint256[] memory, int128) {
        return (list, stored);
    }

    function elements(uint8 a, uint16 b) external pure returns (uint16[2] memory, uint256[] memory r) {
        r = new uint256[](2);
        r[0] = a;
        r[1] = b;
        return ([a, b], r);
    }
}
