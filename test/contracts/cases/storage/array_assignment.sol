// SPDX-License-Identifier: Apache-2.0
// Assigning arrays of one length to another, between all homes; longer and shorter; converted elements.
pragma solidity ^0.8.27;

contract ArrayAssignment {
    uint256[] x;
    uint256[] y;
    uint8[] small;
    uint16[4] four;
    uint256[5] five;

    function set(uint256[] memory a, uint256[] calldata b) external {
        x = a;
        y = b;
    }

    function copy() external {
        x = y;
        y.push(99);
    }

    function self_() external {
        x = x;
    }

    function fromFixed() external {
        five = [uint256(1), 2, 3, 4, 5];
        y = five;
        uint16[4] memory m = [uint16(10), 20, 30, 40];
        four = m;
        m[0] = 1;
    }

    function bytesLists(uint8[] calldata a) external returns (uint8[] memory) {
        small = a;
        small.push(1);
        uint8[] memory m = small;
        m[0] = 77;
        return small;
    }

    function all() external view returns (uint256[] memory, uint256[] memory, uint16[4] memory, uint256[5] memory) {
        return (x, y, four, five);
    }
}
