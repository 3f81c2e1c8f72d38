// SPDX-License-Identifier: Apache-2.0
// revert with nothing, with a literal, in branches and deep calls.
pragma solidity ^0.8.27;

contract RevertForms {
    uint256 public x;

    function bare() external pure {
        revert();
    }

    function literal() external pure returns (uint256) {
        revert("a literal message that is longer than thirty-two bytes");
    }

    function deep(uint256 n) public returns (uint256) {
        x = n;
        if (n == 0) revert("bottom");
        return deep(n - 1) + 1;
    }

    function branch(uint256 n) external returns (uint256) {
        x = n;
        if (n == 1) {
            revert();
        } else if (n == 2) {
            revert("two");
        } else {
            return n;
        }
    }
}
