// SPDX-License-Identifier: Apache-2.0
// && and || leave out what does not matter; ! and comparison of bools.
pragma solidity ^0.8.27;

contract ShortCircuit {
    uint256 public trail;

    function mark(uint256 digit, bool result) private returns (bool) {
        trail = trail * 10 + digit;
        return result;
    }

    function both(bool x, bool y) external returns (bool r) {
        trail = 0;
        r = mark(1, x) && mark(2, y);
    }

    function either(bool x, bool y) external returns (bool r) {
        trail = 0;
        r = mark(1, x) || mark(2, y);
    }

    function mixed(bool x, bool y, bool z) external returns (bool r) {
        trail = 0;
        r = mark(1, x) || mark(2, y) && mark(3, z);
    }

    function guarded(uint256[] calldata list, uint256 i) external pure returns (bool) {
        return i < list.length && list[i] > 10;
    }

    function logic(bool x, bool y) external pure returns (bool, bool, bool, bool) {
        return (!x, x == y, x != y, !(x && !y) || (x != y));
    }
}
