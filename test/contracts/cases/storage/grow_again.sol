// SPDX-License-Identifier: Apache-2.0
// What was cut off is zero when the array grows again, for elements of several words and packed ones.
pragma solidity ^0.8.27;

contract GrowAgain {
    struct Wide {
        uint256 x;
        string text;
        uint8[] parts;
    }

    uint8[] packed;
    Wide[] wides;
    uint256[][] rows;
    bytes data;

    function fill() external {
        for (uint8 i = 1; i <= 40; i++) packed.push(i);
        wides.push().x = 5;
        wides[0].text = "some text that is longer than thirty-two bytes";
        wides[0].parts.push(1);
        wides[0].parts.push(2);
        rows.push().push(3);
        rows[0].push(4);
        data = "0123456789012345678901234567890123456789";
    }

    function shrink() external {
        for (uint256 i = 0; i < 35; i++) packed.pop();
        wides.pop();
        rows.pop();
        for (uint256 i = 0; i < 20; i++) data.pop();
    }

    function grow() external {
        for (uint256 i = 0; i < 3; i++) packed.push();
        wides.push();
        wides[0].parts.push();
        rows.push().push();
        data.push();
        data.push(0x41);
    }

    function all() external view returns (uint8[] memory, Wide[] memory, uint256[][] memory, bytes memory) {
        return (packed, wides, rows, data);
    }
}
