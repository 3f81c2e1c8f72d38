// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ERC20, ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";

contract CappedCoin is ERC20Capped {
    constructor(uint256 cap_) ERC20("Capped coin with a name of more than thirty-two bytes", "CAP") ERC20Capped(cap_) {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    function burn(uint256 value) external {
        _burn(msg.sender, value);
    }
}
