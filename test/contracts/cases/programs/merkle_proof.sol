// SPDX-License-Identifier: Apache-2.0
// Roots and proofs of Merkle trees with sorted pairs; claims by proof, once.
pragma solidity ^0.8.27;

contract MerkleProof {
    bytes32 public root;
    mapping(address => bool) public claimed;
    mapping(address => uint256) public balance;

    error BadProof();

    function hashPair(bytes32 x, bytes32 y) public pure returns (bytes32) {
        return x < y ? keccak256(abi.encodePacked(x, y)) : keccak256(abi.encodePacked(y, x));
    }

    function leaf(address who, uint256 amount) public pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(who, amount))));
    }

    function build(address[] calldata who, uint256[] calldata amounts) external returns (bytes32) {
        require(who.length == amounts.length, "lengths");
        bytes32[] memory level = new bytes32[](who.length);
        for (uint256 i = 0; i < who.length; i++) level[i] = leaf(who[i], amounts[i]);
        uint256 n = level.length;
        while (n > 1) {
            uint256 half = (n + 1) / 2;
            for (uint256 i = 0; i < half; i++) level[i] = 2 * i + 1 < n ? hashPair(level[2 * i], level[2 * i + 1]) : level[2 * i];
            n = half;
        }
        return root = level[0];
    }

    function verify(bytes32[] calldata proof, bytes32 x) public view returns (bool) {
        for (uint256 i = 0; i < proof.length; i++) x = hashPair(x, proof[i]);
        return x == root;
    }

    function claim(uint256 amount, bytes32[] calldata proof) external {
        if (claimed[msg.sender] || !verify(proof, leaf(msg.sender, amount))) revert BadProof();
        claimed[msg.sender] = true;
        balance[msg.sender] += amount;
    }
}
