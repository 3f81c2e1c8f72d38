// SPDX-License-Identifier: Apache-2.0
// Returns out of branches and loops; what follows does not run.
pragma solidity ^0.8.27;

contract EarlyReturn {
    uint256 public after_;

    function early(uint256 x) external returns (uint256) {
        if (x == 0) return 100;
        if (x < 10) {
            if (x == 5) {
                return 55;
            }
        } else {
            return 1;
        }
        after_++;
        return x;
    }

    function fromLoop(uint256[] calldata list) external pure returns (int256 position) {
        position = -1;
        for (uint256 i = 0; i < list.length; i++) {
            if (list[i] == 0) return int256(i);
        }
    }

    function nothing(bool stop) external {
        if (stop) return;
        after_ += 10;
    }

    function namedThenOther(uint256 x) external pure returns (uint256 r) {
        r = 7;
        if (x > 0) return r + x;
        r = 8;
    }
}
