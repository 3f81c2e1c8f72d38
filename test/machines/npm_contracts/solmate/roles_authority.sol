// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do
// refuses: solana: cannot do
// refuses: cosmos: cannot do
pragma solidity ^0.8.27;

import {Authority} from "solmate/src/auth/Auth.sol";
import {RolesAuthority} from "solmate/src/auth/authorities/RolesAuthority.sol";

contract Roles is RolesAuthority {
    constructor(address first) RolesAuthority(first, Authority(address(0))) {}
}
