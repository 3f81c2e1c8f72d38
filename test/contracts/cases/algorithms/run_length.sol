// SPDX-License-Identifier: Apache-2.0
// Compression of runs and its undoing; counts of letters; the most frequent.
pragma solidity ^0.8.27;

contract RunLength {
    function compress(bytes calldata x) external pure returns (bytes memory r) {
        uint256 i;
        while (i < x.length) {
            uint256 j = i;
            while (j < x.length && x[j] == x[i] && j - i < 255) j++;
            r = bytes.concat(r, bytes1(uint8(j - i)), x[i]);
            i = j;
        }
    }

    function expand(bytes calldata x) external pure returns (bytes memory r) {
        require(x.length % 2 == 0, "odd");
        uint256 n;
        for (uint256 i = 0; i < x.length; i += 2) n += uint8(x[i]);
        r = new bytes(n);
        n = 0;
        for (uint256 i = 0; i < x.length; i += 2) for (uint8 k = uint8(x[i]); k > 0; k--) r[n++] = x[i + 1];
    }

    function letters(string calldata x) external pure returns (uint16[26] memory counts, bytes1 most) {
        uint16 best;
        for (uint256 i = 0; i < bytes(x).length; i++) {
            bytes1 c = bytes(x)[i] | 0x20;
            if (c < "a" || c > "z") continue;
            uint16 n = ++counts[uint8(c) - 97];
            if (n > best) (best, most) = (n, c);
        }
    }
}
