// SPDX-License-Identifier: Apache-2.0
// Unique tokens: owners, approvals, operators, transfers, burning.
pragma solidity ^0.8.27;

contract Nft {
    string public constant name = "Things";
    mapping(uint256 => address) private owners;
    mapping(address => uint256) public balanceOf;
    mapping(uint256 => address) private approvals;
    mapping(address => mapping(address => bool)) public isApprovedForAll;
    uint256 private nextId = 1;

    event Transfer(address indexed from, address indexed to, uint256 indexed id);
    event Approval(address indexed owner, address indexed approved, uint256 indexed id);
    error NonexistentToken(uint256 id);
    error NotAllowed(address operator, uint256 id);
    error WrongOwner(address from, uint256 id, address owner);

    function ownerOf(uint256 id) public view returns (address owner) {
        owner = owners[id];
        if (owner == address(0)) revert NonexistentToken(id);
    }

    function mint(address to) external returns (uint256 id) {
        require(to != address(0), "mint to zero");
        id = nextId++;
        owners[id] = to;
        balanceOf[to]++;
        emit Transfer(address(0), to, id);
    }

    function approve(address to, uint256 id) external {
        address owner = ownerOf(id);
        if (msg.sender != owner && !isApprovedForAll[owner][msg.sender]) revert NotAllowed(msg.sender, id);
        approvals[id] = to;
        emit Approval(owner, to, id);
    }

    function setApprovalForAll(address operator, bool approved) external {
        isApprovedForAll[msg.sender][operator] = approved;
    }

    function transferFrom(address from, address to, uint256 id) public {
        address owner = ownerOf(id);
        if (msg.sender != owner && msg.sender != approvals[id] && !isApprovedForAll[owner][msg.sender]) revert NotAllowed(msg.sender, id);
        if (owner != from) revert WrongOwner(from, id, owner);
        delete approvals[id];
        unchecked {
            balanceOf[from]--;
            if (to != address(0)) balanceOf[to]++;
        }
        owners[id] = to;
        emit Transfer(from, to, id);
    }

    function burn(uint256 id) external {
        transferFrom(ownerOf(id), address(0), id);
    }
}
