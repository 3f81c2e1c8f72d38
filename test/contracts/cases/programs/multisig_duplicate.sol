// SPDX-License-Identifier: Apache-2.0
// The same constructor check, failing.
pragma solidity ^0.8.27;

contract MultisigDuplicate {
    mapping(address => bool) public isOwner;
    error DuplicateOwner(address who);

    constructor(address[] memory owners) {
        for (uint256 i = 0; i < owners.length; i++) {
            if (isOwner[owners[i]]) revert DuplicateOwner(owners[i]);
            isOwner[owners[i]] = true;
        }
    }
}
