// SPDX-License-Identifier: Apache-2.0
// assert is Panic(0x01).
pragma solidity ^0.8.27;

contract Assert {
    uint256 public calls;

    function check(uint256 x) external returns (uint256) {
        calls++;
        assert(x < 10);
        assert(x != 5 || calls > 2);
        return calls;
    }
}
