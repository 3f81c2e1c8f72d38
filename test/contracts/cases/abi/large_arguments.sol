// SPDX-License-Identifier: Apache-2.0
// Many arguments of mixed kinds, long ones, and results as long.
pragma solidity ^0.8.27;

contract LargeArguments {
    struct Everything {
        uint8 a;
        int256 b;
        bool c;
        address d;
        bytes7 e;
        string f;
        bytes g;
        uint16[] h;
        string[2] i;
        int8[2][] j;
    }

    mapping(bytes32 => Everything) kept;

    function echo(Everything memory x, string calldata y, Everything[] calldata z) external pure returns (Everything[] memory, string memory, Everything memory) {
        return (z, y, x);
    }

    function keep(Everything calldata x) external returns (bytes32 id) {
        id = keccak256(abi.encode(x.f));
        kept[id] = x;
    }

    function get(string calldata name) external view returns (Everything memory) {
        return kept[keccak256(abi.encode(name))];
    }

    function sum(uint256[] calldata list) external pure returns (uint256 s) {
        unchecked {
            for (uint256 i = 0; i < list.length; i++) s += list[i] * (i + 1);
        }
    }
}
