// SPDX-License-Identifier: Apache-2.0
// Long chains of conditions, deep nesting, all returns in branches.
pragma solidity ^0.8.27;

contract ManyBranches {
    function month(uint256 m) external pure returns (string memory) {
        if (m == 1) return "January";
        else if (m == 2) return "February";
        else if (m == 3) return "March";
        else if (m == 4) return "April";
        else if (m == 5) return "May";
        else if (m == 6) return "June";
        else if (m == 7) return "July";
        else if (m == 8) return "August";
        else if (m == 9) return "September";
        else if (m == 10) return "October";
        else if (m == 11) return "November";
        else if (m == 12) return "December";
        revert("no such month");
    }

    function deep(uint256 x) external pure returns (uint256 r) {
        if (x & 1 != 0) {
            r += 1;
            if (x & 2 != 0) {
                r += 10;
                if (x & 4 != 0) {
                    r += 100;
                    if (x & 8 != 0) {
                        r += 1000;
                        if (x & 16 != 0) revert("too deep");
                    } else {
                        r *= 2;
                    }
                } else if (x & 8 != 0) {
                    return 7;
                }
            }
        } else {
            for (; x > 0; x >>= 1) {
                if (x == 3) break;
                if (x % 2 == 0) continue;
                r++;
            }
        }
    }

    function classify(int256 x) external pure returns (uint8) {
        if (x < 0) {
            if (x < -100) return 0;
            return 1;
        } else if (x == 0) {
            return 2;
        } else {
            return x > 100 ? 4 : 3;
        }
    }
}
