// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a call of another contract
// refuses: solana: cannot do a call of another contract
// refuses: cosmos: cannot do a call of another contract
// A guard against calls from within, tried by the contract itself.
pragma solidity ^0.8.27;

contract ReentrancyGuard {
    bool entered;
    uint256 public depth;

    error Reentered();

    modifier once() {
        if (entered) revert Reentered();
        entered = true;
        _;
        entered = false;
    }

    function guarded(uint256 n) external once returns (uint256) {
        depth++;
        if (n > 0) this.guarded(n - 1);
        return depth;
    }

    function open(uint256 n) external returns (uint256) {
        depth++;
        if (n > 0) return this.open(n - 1);
        return depth;
    }

    function tolerant(uint256 n) external once returns (bool) {
        depth += 10;
        try this.guarded(n) returns (uint256) {
            return true;
        } catch {
            return false;
        }
    }
}
