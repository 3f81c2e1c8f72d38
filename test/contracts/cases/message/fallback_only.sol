// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a `fallback` function
// refuses: solana: cannot do a `fallback` function
// refuses: cosmos: cannot do a `fallback` function
// A fallback without receive and not payable.
pragma solidity ^0.8.27;

contract FallbackOnly {
    uint256 public count;
    bytes public last;

    fallback() external {
        count++;
        last = msg.data;
    }
}
