// SPDX-License-Identifier: Apache-2.0
// References to the state and to calldata that get their value behind their declaration, on every way that leads to their use.
pragma solidity ^0.8.27;

contract ReferencesGivenLater {
    struct Pair {
        uint256 left;
        uint256 right;
    }

    Pair first;
    Pair second;
    uint256[] list;

    function choose(bool later) internal view returns (Pair storage chosen) {
        if (later) {
            chosen = second;
        } else {
            chosen = first;
        }
    }

    function set(bool later, uint256 value) external returns (uint256, uint256) {
        Pair storage pair;
        if (value == 0) {
            revert("zero");
        } else {
            pair = choose(later);
        }
        pair.left = value;
        return (first.left, second.left);
    }

    function grow(uint256 count) external returns (uint256) {
        uint256[] storage numbers;
        for (uint256 i = 0; i < count; ++i) {
            uint256[] storage here;
            (here) = list;
            here.push(i);
        }
        do {
            numbers = list;
        } while (numbers.length > 1000);
        return numbers.length;
    }

    function pick(uint256[] calldata a, uint256[] calldata b, bool other) external pure returns (uint256) {
        uint256[] calldata chosen;
        if (other) chosen = b;
        else chosen = a;
        return chosen[0];
    }
}
