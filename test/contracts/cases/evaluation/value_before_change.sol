// SPDX-License-Identifier: Apache-2.0
// A value read in an expression is the one at that moment.
pragma solidity ^0.8.27;

contract ValueBeforeChange {
    uint256 public x = 5;
    uint256[] list;

    function bump() private returns (uint256) {
        x += 10;
        return x;
    }

    function localCopy() external returns (uint256, uint256) {
        uint256 y = x;
        bump();
        return (y, x);
    }

    function callThenRead() external returns (uint256) {
        uint256 r = bump();
        return r * 1000 + x;
    }

    function lengthInLoop() external returns (uint256) {
        delete list;
        list.push(1);
        for (uint256 i = 0; i < list.length && i < 5; i++) list.push(i);
        return list.length;
    }

    function conditionOnce() external returns (uint256 rounds) {
        uint256 limit = x;
        while (rounds < limit) {
            rounds++;
            if (rounds == 2) limit = 3;
        }
    }

    function pushOfItself() external returns (uint256[] memory) {
        delete list;
        list.push(7);
        list.push(list[0]);
        list.push(list.length);
        list[0] = list[1] + list[2];
        return list;
    }
}
