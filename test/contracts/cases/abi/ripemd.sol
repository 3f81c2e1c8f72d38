// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do `ripemd160`
// ripemd160 at several lengths.
pragma solidity ^0.8.27;

contract Ripemd {
    function hash(bytes memory x) external pure returns (bytes20) {
        return ripemd160(x);
    }
}
