// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

contract Owned is Ownable2Step {
    uint256 public value;

    constructor(address first) Ownable(first) {}

    function set(uint256 to) external onlyOwner returns (uint256 before) {
        before = value;
        value = to;
    }
}
