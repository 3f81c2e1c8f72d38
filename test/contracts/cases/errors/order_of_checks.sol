// SPDX-License-Identifier: Apache-2.0
// Which of several failures comes first.
pragma solidity ^0.8.27;

contract OrderOfChecks {
    uint256[] list;
    error First();
    error Second();

    function fail() private pure returns (uint256) {
        revert First();
    }

    function fail2() private pure returns (uint256) {
        revert Second();
    }

    function inArguments() external pure returns (uint256) {
        return two(fail(), fail2());
    }

    function two(uint256 x, uint256 y) private pure returns (uint256) {
        return x + y;
    }

    function indexThenValue(uint256 i) external {
        list[i] = fail2();
    }

    function divisorZero(uint256 x) external pure returns (uint256) {
        return fail() / x;
    }

    function statements(uint256 x) external pure returns (uint256) {
        uint256 y = 5 / x;
        if (y > 2) revert First();
        return y - 2;
    }
}
