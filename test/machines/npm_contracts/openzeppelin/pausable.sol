// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

contract Switch is Pausable {
    uint256 public runs;

    function run() external whenNotPaused returns (uint256) {
        return ++runs;
    }

    function repair() external whenPaused {
        runs = 0;
    }

    function pause() external {
        _pause();
    }

    function unpause() external {
        _unpause();
    }
}
