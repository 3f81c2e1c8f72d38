// SPDX-License-Identifier: Apache-2.0
// Structs, arrays and strings as results beside each other: offsets of what is dynamic.
pragma solidity ^0.8.27;

contract StructResults {
    struct Static {
        uint8 x;
        bytes4 y;
    }

    struct Dynamic {
        uint256[] list;
        Static s;
    }

    function mixed(uint256 n) external pure returns (uint256, Static memory, string memory, Dynamic memory, Static[2] memory, bool) {
        Dynamic memory d;
        d.list = new uint256[](n);
        for (uint256 i = 0; i < n; i++) d.list[i] = i;
        d.s = Static(1, "dyna");
        return (n, Static(2, "stat"), "text", d, [Static(3, "pair"), Static(4, "pear")], true);
    }

    function swap(Dynamic memory a, Dynamic memory b) external pure returns (Dynamic memory, Dynamic memory) {
        return (b, a);
    }

    function echo(Static calldata s, Static[] calldata list, Static[1] calldata one) external pure returns (Static memory, Static[] memory, Static[1] memory) {
        return (s, list, one);
    }
}
