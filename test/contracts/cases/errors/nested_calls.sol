// SPDX-License-Identifier: Apache-2.0
// A failure deep in internal calls, modifiers, constructors of memory and loops undoes everything before it.
pragma solidity ^0.8.27;

contract NestedCalls {
    uint256[] public trail;
    mapping(uint256 => uint256) public visited;

    event Visit(uint256 n);
    error Depth(uint256 n, uint256[] path);

    modifier visits(uint256 n) {
        visited[n]++;
        emit Visit(n);
        _;
        visited[n] += 100;
    }

    function down(uint256 n, uint256 limit) public visits(n) returns (uint256) {
        trail.push(n);
        if (n == limit) {
            uint256[] memory path = new uint256[](trail.length);
            for (uint256 i = 0; i < path.length; i++) path[i] = trail[i];
            revert Depth(n, path);
        }
        return n == 0 ? trail.length : down(n - 1, limit);
    }

    function length() external view returns (uint256) {
        return trail.length;
    }
}
