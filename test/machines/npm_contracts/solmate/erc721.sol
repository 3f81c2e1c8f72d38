// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do
// refuses: solana: cannot do
// refuses: cosmos: cannot do
pragma solidity ^0.8.27;

import {ERC721} from "solmate/src/tokens/ERC721.sol";

contract Things is ERC721 {
    constructor() ERC721("Things", "T") {}

    function tokenURI(uint256 id) public pure override returns (string memory) {
        return id == 0 ? "zero" : "other";
    }

    function mint(address to, uint256 id) external {
        _mint(to, id);
    }

    function safeMint(address to, uint256 id) external {
        _safeMint(to, id);
    }

    function burn(uint256 id) external {
        _burn(id);
    }
}
