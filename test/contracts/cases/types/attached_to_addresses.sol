// SPDX-License-Identifier: Apache-2.0
// Attached functions with the names of what only `address payable` has, and under the names that an import gives them.
pragma solidity ^0.8.27;

import {quarter as part, half as part, twice as doubled} from "./attached_to_addresses/Parts.sol";
import "./attached_to_addresses/Outer.sol" as Outer;

library Accounts {
    function transfer(address account, uint256 x) internal pure returns (uint256) {
        return uint160(account) + x;
    }

    function send(address account) internal pure returns (bool) {
        return account != address(0);
    }
}

contract AttachedToAddresses {
    using Accounts for address;
    using {doubled} for uint256;

    function attached(address account) external pure returns (uint256, bool) {
        return (account.transfer(1), account.send());
    }

    function parts(uint256 x, int256 y) external pure returns (uint256, int256, uint256) {
        return (x.doubled(), part(y), part(x));
    }

    function through(Outer.Parts.Part memory one) external pure returns (Outer.Parts.Part memory) {
        return Outer.Parts.Part(one.size + 1);
    }
}
