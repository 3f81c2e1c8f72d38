// SPDX-License-Identifier: Apache-2.0
// Arrays and mappings of strings and bytes.
pragma solidity ^0.8.27;

contract StringArrays {
    string[] public names;
    bytes[2] pair;
    mapping(uint256 => string) public titles;
    mapping(string => string[]) lists;

    function add(string calldata name) external {
        names.push(name);
        titles[names.length] = string.concat("#", name);
        lists[name].push(titles[names.length]);
        lists[name].push("end");
    }

    function all() external view returns (string[] memory) {
        return names;
    }

    function list(string calldata key) external view returns (string[] memory) {
        return lists[key];
    }

    function swap(uint256 i, uint256 j) external {
        string memory t = names[i];
        names[i] = names[j];
        names[j] = t;
    }

    function setPair(bytes calldata x, bytes calldata y) external returns (bytes[2] memory) {
        pair[0] = x;
        pair[1] = y;
        pair[0].push(0x2e);
        return pair;
    }

    function clear() external {
        delete names;
        delete titles[1];
    }
}
