// SPDX-License-Identifier: Apache-2.0
// block.number grows by one at each call here.
pragma solidity ^0.8.27;

contract BlockNumber {
    uint256 public immutable start = block.number;
    mapping(uint256 => uint256) public seen;

    function note() external returns (uint256) {
        seen[block.number - start] = 7;
        return block.number - start;
    }
}
