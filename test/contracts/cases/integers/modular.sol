// SPDX-License-Identifier: Apache-2.0
// differs: solana: a call takes at most 1.4 million compute units, and power takes more
// addmod and mulmod do not overflow; their zero panics.
pragma solidity ^0.8.27;

contract Modular {
    function add(uint256 x, uint256 y, uint256 m) external pure returns (uint256) {
        return addmod(x, y, m);
    }

    function mul(uint256 x, uint256 y, uint256 m) external pure returns (uint256) {
        return mulmod(x, y, m);
    }

    function power(uint256 base, uint256 n, uint256 m) external pure returns (uint256 r) {
        r = 1 % m;
        while (n > 0) {
            if (n & 1 == 1) r = mulmod(r, base, m);
            base = mulmod(base, base, m);
            n >>= 1;
        }
    }

    function inUnchecked(uint256 m) external pure returns (uint256) {
        unchecked {
            return addmod(1, 2, m);
        }
    }
}
