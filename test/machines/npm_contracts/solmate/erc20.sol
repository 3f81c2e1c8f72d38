// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do
// refuses: solana: cannot do
// refuses: cosmos: cannot do
pragma solidity ^0.8.27;

import {ERC20} from "solmate/src/tokens/ERC20.sol";

contract Coin is ERC20 {
    constructor(uint8 digits) ERC20("Coin", "C", digits) {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    function burn(uint256 value) external {
        _burn(msg.sender, value);
    }
}
