// SPDX-License-Identifier: Apache-2.0
// refuses: cosmos: a call of another contract
// refuses: solana: a call of another contract
// refuses: move: a call of another contract
// Arguments that lie in the state are read when the message is written, behind all other arguments.
pragma solidity ^0.8.27;

contract StateInCalls {
    uint256[] s = [uint256(1), 2];
    function change(uint256 to) private returns (uint256) {
        s[0] = to;
        return 7;
    }
    function take(uint256[] memory a, uint256 b) external pure returns (uint256) { return a[0] + b; }
    function run() external returns (uint256) { return this.take(s, change(99)); }
    function by_value() external returns (uint256) {
        function (uint256[] memory, uint256) external pure returns (uint256) f = this.take;
        return f(s, change(66));
    }
}
