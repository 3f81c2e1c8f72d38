// SPDX-License-Identifier: Apache-2.0
// new arrays of structs, of fixed arrays, of arrays: each element is its own.
pragma solidity ^0.8.27;

contract NestedMemoryDefaults {
    struct P {
        uint256[2] pair;
        string s;
        Q q;
    }

    struct Q {
        bool[] flags;
        int8 x;
    }

    function own() external pure returns (P[] memory list) {
        list = new P[](3);
        list[0].pair[1] = 5;
        list[1].q.x = -3;
        list[2].q.flags = new bool[](1);
        list[2].s = "s";
    }

    function grids() external pure returns (uint8[2][2][] memory g, P[2] memory pairs) {
        g = new uint8[2][2][](2);
        g[0][1][0] = 1;
        g[1][0][1] = 2;
        pairs[0].pair[0] = 9;
        pairs[1].q.flags = new bool[](2);
    }

    function reassigned() external pure returns (uint256, uint256) {
        P memory p;
        uint256[2] memory old = p.pair;
        p.pair = [uint256(1), 2];
        old[0] = 50;
        P memory q = p;
        p = P([uint256(3), 4], "", Q(new bool[](0), 0));
        return (q.pair[0] + p.pair[0], old[0] + old[1]);
    }
}
