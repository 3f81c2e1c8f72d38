// SPDX-License-Identifier: Apache-2.0
// refuses: cosmos: a call of another contract
// refuses: solana: a call of another contract
// refuses: move: a call of another contract
// Transient variables through calls of the contract itself: one lock for all of them, and what fails takes its writes back.
pragma solidity ^0.8.28;

contract TransientCalls {
    uint256 transient depth;
    uint256 public deepest;

    function descend(uint256 n) public returns (uint256) {
        ++depth;
        if (depth > deepest) deepest = depth;
        if (n > 0) this.descend(n - 1);
        return depth;
    }

    function set_and_fail(uint256 value) external {
        depth = value;
        revert("no");
    }

    function read() external view returns (uint256) { return depth; }

    function write(uint256 value) external { depth = value; }

    function keeps() external returns (uint256, uint256, bool) {
        depth = 5;
        try this.set_and_fail(9) { } catch { }
        uint256 before = this.read();
        this.write(6);
        (bool done, ) = address(this).staticcall(abi.encodeCall(this.write, (7)));
        return (before, depth, done);
    }
}
