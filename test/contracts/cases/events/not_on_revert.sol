// SPDX-License-Identifier: Apache-2.0
// Events of a reverted call are not there; order and number of the others are kept.
pragma solidity ^0.8.27;

contract NotOnRevert {
    event Step(uint256 indexed i);

    function steps(uint256 n, uint256 fail) external {
        for (uint256 i = 0; i < n; i++) {
            emit Step(i);
            if (i == fail) revert("stop");
        }
    }

    function division(uint256 x) external returns (uint256) {
        emit Step(x);
        return 100 / x;
    }
}
