// SPDX-License-Identifier: Apache-2.0
// Arrays of arrays and of structs with arrays, through parameters and results.
pragma solidity ^0.8.27;

contract NestedDynamic {
    struct Entry {
        string key;
        uint256[] values;
        Sub[] subs;
    }

    struct Sub {
        bytes data;
        bool[2] flags;
    }

    function echo(uint256[][] memory x) external pure returns (uint256[][] memory) {
        return x;
    }

    function transpose(uint256[][] memory x) external pure returns (uint256[][] memory r) {
        if (x.length == 0) return r;
        r = new uint256[][](x[0].length);
        for (uint256 j = 0; j < r.length; j++) {
            r[j] = new uint256[](x.length);
            for (uint256 i = 0; i < x.length; i++) r[j][i] = x[i][j];
        }
    }

    function entries(Entry[] memory list) external pure returns (Entry[] memory, uint256 total) {
        for (uint256 i = 0; i < list.length; i++) {
            list[i].key = string.concat(list[i].key, "!");
            for (uint256 j = 0; j < list[i].values.length; j++) total += list[i].values[j];
            for (uint256 j = 0; j < list[i].subs.length; j++) if (list[i].subs[j].flags[1]) total += list[i].subs[j].data.length * 1000;
        }
        return (list, total);
    }

    function fromCalldata(Entry[] calldata list, uint256 i) external pure returns (Entry memory copy, bytes memory first) {
        copy = list[i];
        copy.key = "copied";
        first = list[i].subs[0].data;
    }

    function cube(int8[][2][] calldata x) external pure returns (int8[][2][] memory, int8) {
        return (x, x[0][1][0]);
    }
}
