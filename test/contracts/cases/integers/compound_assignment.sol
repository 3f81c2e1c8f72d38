// SPDX-License-Identifier: Apache-2.0
// Compound assignments evaluate their place once and check their own type.
pragma solidity ^0.8.27;

contract CompoundAssignment {
    uint256[] list;
    uint256 public evaluations;
    int16 public signed = 100;

    constructor() {
        list.push(7);
        list.push(20);
    }

    function index() private returns (uint256) {
        evaluations++;
        return 1;
    }

    function all(uint256 x) external returns (uint256) {
        list[index()] += x;
        list[index()] *= 3;
        list[index()] -= 1;
        list[index()] /= 2;
        list[index()] %= 1000;
        list[index()] <<= 2;
        list[index()] |= 1;
        list[index()] ^= 2;
        return list[1];
    }

    function change(int16 by) external returns (int16) {
        signed += by;
        signed *= 2;
        return signed;
    }

    function narrow(uint8 x, uint8 y) external pure returns (uint16 wide, uint8 small) {
        wide = x;
        wide += y;
        small = x;
        small += y;
    }

    function value() external pure returns (uint256 x, uint256 y) {
        x = y = 5;
        y += x++;
    }
}
