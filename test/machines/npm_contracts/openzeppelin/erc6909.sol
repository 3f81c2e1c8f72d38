// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ERC6909} from "@openzeppelin/contracts/token/ERC6909/ERC6909.sol";

contract Many is ERC6909 {
    function mint(address to, uint256 id, uint256 amount) external {
        _mint(to, id, amount);
    }

    function burn(uint256 id, uint256 amount) external {
        _burn(msg.sender, id, amount);
    }
}
