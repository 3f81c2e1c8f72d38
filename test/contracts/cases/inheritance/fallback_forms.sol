// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do a `fallback` function
// refuses: solana: cannot do a `fallback` function
// refuses: cosmos: cannot do a `fallback` function
// A `fallback` overrides that of a base, whichever of its two forms they have.
pragma solidity ^0.8.27;

contract Echo {
    fallback(bytes calldata data) external virtual returns (bytes memory) {
        return data;
    }
}

contract FallbackForms is Echo {
    uint256 public seen;

    fallback() external override {
        seen += msg.data.length;
    }
}
