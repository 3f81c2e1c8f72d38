// SPDX-License-Identifier: Apache-2.0
// contract: StateInMessages
// Arguments that lie in the state are read when a message to a library is written, behind all other arguments.
pragma solidity ^0.8.27;

library Sums {
    function sum(uint256[] memory a, uint256 b) public pure returns (uint256) { return a[0] + b; }
}

contract StateInMessages {
    using Sums for uint256[];
    uint256[] s = [uint256(1), 2];

    function change(uint256 to) private returns (uint256) {
        s[0] = to;
        return 7;
    }

    function message() external returns (uint256) { return Sums.sum(s, change(99)); }
    function attached() external returns (uint256) { return s.sum(change(88)); }
}
