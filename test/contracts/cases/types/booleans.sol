// SPDX-License-Identifier: Apache-2.0
// Bools in storage, arrays and structs, encoded as exactly 0 or 1.
pragma solidity ^0.8.27;

contract Booleans {
    bool public one = true;
    bool public two;
    bool[] list;
    mapping(bool => uint256) public counts;

    function flip() external returns (bool, bool) {
        one = !one;
        two = one == two;
        counts[one]++;
        counts[two] += 10;
        return (one, two);
    }

    function push(bool x) external {
        list.push(x);
        list.push(!x);
    }

    function all() external view returns (bool[] memory, uint256 trues) {
        for (uint256 i = 0; i < list.length; i++) if (list[i]) trues++;
        return (list, trues);
    }

    function majority(bool x, bool y, bool z) external pure returns (bool) {
        return (x && y) || (y && z) || (x && z);
    }
}
