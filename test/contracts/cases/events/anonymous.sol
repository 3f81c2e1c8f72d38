// SPDX-License-Identifier: Apache-2.0
// Anonymous events have no hash of their own and up to four indexed arguments.
pragma solidity ^0.8.27;

contract Anonymous {
    event Plain(uint256 x) anonymous;
    event Four(uint256 indexed a, address indexed b, string indexed c, bool indexed d) anonymous;

    function fire(uint256 x) external {
        emit Plain(x);
        emit Four(x, msg.sender, "text", true);
    }
}
