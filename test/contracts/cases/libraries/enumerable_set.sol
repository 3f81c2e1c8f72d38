// SPDX-License-Identifier: Apache-2.0
// A set with positions in a mapping, as a library over a struct in storage.
pragma solidity ^0.8.27;

library Sets {
    struct Set {
        bytes32[] values;
        mapping(bytes32 => uint256) positions;
    }

    function add(Set storage set, bytes32 value) internal returns (bool) {
        if (contains(set, value)) return false;
        set.values.push(value);
        set.positions[value] = set.values.length;
        return true;
    }

    function remove(Set storage set, bytes32 value) internal returns (bool) {
        uint256 position = set.positions[value];
        if (position == 0) return false;
        bytes32 last = set.values[set.values.length - 1];
        set.values[position - 1] = last;
        set.positions[last] = position;
        set.values.pop();
        delete set.positions[value];
        return true;
    }

    function contains(Set storage set, bytes32 value) internal view returns (bool) {
        return set.positions[value] != 0;
    }

    function length(Set storage set) internal view returns (uint256) {
        return set.values.length;
    }
}

contract EnumerableSet {
    using Sets for Sets.Set;

    mapping(address => Sets.Set) sets;

    function add(bytes32 x) external returns (bool) {
        return sets[msg.sender].add(x);
    }

    function remove(bytes32 x) external returns (bool, uint256) {
        return (sets[msg.sender].remove(x), sets[msg.sender].length());
    }

    function contains(address who, bytes32 x) external view returns (bool) {
        return sets[who].contains(x);
    }

    function all(address who) external view returns (bytes32[] memory) {
        return sets[who].values;
    }
}
