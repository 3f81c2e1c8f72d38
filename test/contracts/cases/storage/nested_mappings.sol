// SPDX-License-Identifier: Apache-2.0
// Mappings of mappings, of arrays and of structs with mappings.
pragma solidity ^0.8.27;

contract NestedMappings {
    struct Account {
        uint256 total;
        mapping(string => uint256) parts;
        uint256[] history;
    }

    mapping(address => mapping(uint256 => mapping(bool => int256))) public deep;
    mapping(address => Account) accounts;
    mapping(uint256 => uint256[]) public lists;

    function setDeep(address who, uint256 i, bool b, int256 x) external {
        deep[who][i][b] = x;
    }

    function book(string calldata part, uint256 x) external returns (uint256) {
        Account storage account = accounts[msg.sender];
        account.total += x;
        account.parts[part] += x;
        account.history.push(account.total);
        return account.history.length;
    }

    function read(address who, string calldata part) external view returns (uint256, uint256, uint256[] memory) {
        return (accounts[who].total, accounts[who].parts[part], accounts[who].history);
    }

    function add(uint256 key, uint256 x) external {
        lists[key].push(x);
    }

    function forget() external {
        delete accounts[msg.sender].history;
        delete accounts[msg.sender].parts["rent"];
        accounts[msg.sender].total = 0;
    }
}
