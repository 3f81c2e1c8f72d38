// SPDX-License-Identifier: Apache-2.0
// Structs whose fields exactly fill, overfill and straddle words, in arrays too.
pragma solidity ^0.8.27;

contract StructPackingEdges {
    struct Full {
        uint128 a;
        uint128 b;
    }

    struct Over {
        uint136 a;
        uint128 b;
        uint8 c;
    }

    struct Mixed {
        bool a;
        bytes31 b;
        uint8[3] c;
        uint8 d;
        address e;
        bool f;
        int88 g;
    }

    Full[3] fulls;
    Over over;
    Mixed[] mixed;

    function write() external {
        fulls[0] = Full(type(uint128).max, 1);
        fulls[1].b = type(uint128).max;
        fulls[2].a = 7;
        over = Over(type(uint136).max, type(uint128).max, 255);
        mixed.push();
        mixed.push(Mixed(true, bytes31(type(uint248).max), [255, 254, 253], 252, msg.sender, true, -1));
        mixed[0].g = type(int88).min;
        mixed[0].c[1] = 9;
    }

    function clearSome() external {
        over.b = 0;
        mixed[1].b = 0;
        mixed[1].e = address(0);
        delete mixed[1].c;
        delete fulls[0].a;
    }

    function all() external view returns (Full[3] memory, Over memory, Mixed[] memory) {
        return (fulls, over, mixed);
    }
}
