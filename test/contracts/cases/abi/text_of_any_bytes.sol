// SPDX-License-Identifier: Apache-2.0
// differs: move: a string that is not UTF-8 cannot be sent or given out
// differs: cosmos: a string that is not UTF-8 cannot be sent or given out
// Strings whose bytes are no UTF-8 arrive, are kept and come back whole.
pragma solidity ^0.8.27;

contract TextOfAnyBytes {
    string public kept;
    event Said(string text);

    function keep(string calldata x) external returns (string memory) {
        kept = x;
        emit Said(x);
        return string.concat(x, kept);
    }

    function firstByte(string calldata x) external pure returns (bytes1) {
        return bytes(x)[0];
    }

    function fails(string calldata x) external pure {
        revert(x);
    }
}
