// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

contract Guarded is AccessControl {
    bytes32 public constant WRITER = keccak256("WRITER");
    bytes32 public constant KEEPER = keccak256("KEEPER");
    uint256 public value;

    constructor() {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
        _setRoleAdmin(WRITER, KEEPER);
    }

    function write(uint256 to) external onlyRole(WRITER) {
        value = to;
    }
}
