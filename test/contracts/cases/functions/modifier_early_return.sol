// SPDX-License-Identifier: Apache-2.0
// A return in the body goes on behind _; a return in a modifier leaves the results as they are; a modifier without _ reached skips the body.
pragma solidity ^0.8.27;

contract ModifierEarlyReturn {
    uint256 public count;

    modifier counted() {
        _;
        count++;
    }

    modifier onlyIf(bool c) {
        if (!c) return;
        _;
    }

    modifier maybe(bool c) {
        if (c) _;
    }

    function early(uint256 x) external counted returns (uint256) {
        if (x > 5) return 1;
        return 2;
    }

    function guarded(bool c) external counted onlyIf(c) counted returns (uint256 r) {
        r = 9;
    }

    function skipped(bool c) external maybe(c) returns (uint256) {
        count += 100;
        return 4;
    }
}
