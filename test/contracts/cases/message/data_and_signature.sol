// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do `msg.sig`
// refuses: solana: cannot do `msg.sig`
// refuses: cosmos: cannot do `msg.sig`
// msg.data and msg.sig as they came.
pragma solidity ^0.8.27;

contract DataAndSignature {
    function all(uint256 x, string calldata) external pure returns (bytes4, bytes memory, uint256) {
        return (msg.sig, msg.data, msg.data.length + x);
    }

    function part() external pure returns (bytes memory) {
        return msg.data[2:4];
    }

    function inner(uint8 x) public pure returns (bytes4, uint8) {
        return (msg.sig, x);
    }

    function outer() external pure returns (bytes4, uint8) {
        return inner(3);
    }
}
