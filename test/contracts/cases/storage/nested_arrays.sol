// SPDX-License-Identifier: Apache-2.0
// Arrays of arrays, dynamic and fixed, in storage.
pragma solidity ^0.8.27;

contract NestedArrays {
    uint256[][] dynamic;
    uint16[3][2] fixedBoth;
    uint8[][2] fixedOuter;
    uint32[4][] fixedInner;

    function fill() external {
        dynamic.push();
        dynamic.push([uint256(1), 2, 3]);
        dynamic[0].push(9);
        fixedBoth[1][2] = 12;
        fixedBoth[0] = [1, 2, 3];
        fixedOuter[1].push(7);
        fixedOuter[1].push(8);
        fixedInner.push();
        fixedInner.push([uint32(10), 20, 30, 40]);
        fixedInner[0][3] = 5;
    }

    function all() external view returns (uint256[][] memory, uint16[3][2] memory, uint8[][2] memory, uint32[4][] memory) {
        return (dynamic, fixedBoth, fixedOuter, fixedInner);
    }

    function at(uint256 i, uint256 j) external view returns (uint16) {
        return fixedBoth[i][j];
    }

    function copyRow() external {
        dynamic[0] = dynamic[1];
        dynamic[1][0] = 100;
        fixedBoth[1] = fixedBoth[0];
        fixedOuter[0] = fixedOuter[1];
    }

    function lengths() external view returns (uint256, uint256, uint256, uint256) {
        return (dynamic.length, fixedBoth.length, fixedOuter[1].length, fixedInner[0].length);
    }

    function remove() external {
        delete dynamic[1];
        delete fixedBoth;
        delete fixedOuter[1];
        fixedInner.pop();
    }
}
