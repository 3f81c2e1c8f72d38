// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do an account's balance
// refuses: solana: cannot do an account's balance
// refuses: cosmos: cannot do the code of an address
// balance, code length, payable conversions, comparisons with contracts, hashes of addresses.
pragma solidity ^0.8.27;

contract AddressMembers {
    constructor() payable {}

    function facts(address x) external view returns (uint256, bool, bool) {
        return (x.balance, x.code.length > 0, x == address(this));
    }

    function own() external view returns (uint256, bool, bytes32) {
        return (address(this).balance, address(this).code.length > 0, keccak256(abi.encode(msg.sender)));
    }

    function toPayable(address x) external pure returns (address payable) {
        return payable(x);
    }

    function origin() external view returns (bool) {
        return tx.origin == msg.sender;
    }
}
