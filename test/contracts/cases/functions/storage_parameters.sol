// SPDX-License-Identifier: Apache-2.0
// Storage references as parameters and results; copies to memory where memory is asked for.
pragma solidity ^0.8.27;

contract StorageParameters {
    struct Account {
        string name;
        uint256[] amounts;
    }

    mapping(bytes32 => Account) accounts;
    uint256[] one;
    uint256[] two;

    function account(string memory name) private view returns (Account storage) {
        return accounts[keccak256(bytes(name))];
    }

    function list(bool first) private view returns (uint256[] storage r) {
        r = first ? one : two;
    }

    function add(uint256[] storage to, uint256 x) private returns (uint256) {
        to.push(x);
        return to.length;
    }

    function total(uint256[] memory x) private pure returns (uint256 s) {
        for (uint256 i = 0; i < x.length; i++) {
            s += x[i];
            x[i] = 0;
        }
    }

    function both(uint256 x) external returns (uint256, uint256, uint256) {
        add(list(true), x);
        add(list(false), x + 1);
        add(list(x % 2 == 0), 100);
        return (total(one), total(two), total(list(true)));
    }

    function book(string calldata name, uint256 x) external returns (uint256) {
        Account storage a = account(name);
        if (bytes(a.name).length == 0) a.name = name;
        add(a.amounts, x);
        return total(a.amounts);
    }

    function get(string calldata name) external view returns (Account memory) {
        return account(name);
    }

    function move(string calldata from, string calldata to) external {
        accounts[keccak256(bytes(to))] = account(from);
        delete accounts[keccak256(bytes(from))];
    }
}
