// SPDX-License-Identifier: Apache-2.0
// Following a chain of pointers finds loops.
pragma solidity ^0.8.27;

contract DelegationLoop {
    mapping(address => address) public next;

    function set(address to) external returns (uint256 steps) {
        address at = to;
        while (at != address(0)) {
            require(at != msg.sender, "loop");
            at = next[at];
            steps++;
        }
        next[msg.sender] = to;
    }
}
