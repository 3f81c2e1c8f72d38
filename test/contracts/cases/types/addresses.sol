// SPDX-License-Identifier: Apache-2.0
// Addresses: comparison, conversion, zero, as keys, in structs.
pragma solidity ^0.8.27;

contract Addresses {
    mapping(address => bool) public known;
    address public last;

    function remember(address x) external returns (bool before) {
        before = known[x];
        known[x] = true;
        last = x;
    }

    function convert(uint160 x) external pure returns (address, uint160) {
        address y = address(x);
        return (y, uint160(y) + 1);
    }

    function cut(uint256 x) external pure returns (address) {
        return address(uint160(x));
    }

    function zero(address x) external pure returns (bool) {
        return x == address(0);
    }

    function me() external view returns (bool, bool, address) {
        return (msg.sender == last, address(this) == last, msg.sender);
    }

    function constantAddress() external pure returns (address, bool) {
        address x = 0x00000000219ab540356cBB839Cbe05303d7705Fa;
        return (x, x > address(1));
    }

    function larger(address x, address y) external pure returns (address) {
        return x > y ? x : y;
    }
}
