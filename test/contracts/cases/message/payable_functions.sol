// SPDX-License-Identifier: Apache-2.0
// refuses: move: cannot do `msg.value`
// refuses: solana: cannot do `msg.value`
// Value sent: taken by payable functions and constructors, rejected by others.
pragma solidity ^0.8.27;

contract PayableFunctions {
    uint256 public received;
    mapping(address => uint256) public paid;

    constructor(uint256 expected) payable {
        require(msg.value == expected, "wrong value");
        received = msg.value;
    }

    function pay() external payable returns (uint256) {
        received += msg.value;
        paid[msg.sender] += msg.value;
        return msg.value;
    }

    function exactly(uint256 x) external payable {
        require(msg.value == x, "wrong value");
        received += x;
    }

    function notPayable() external returns (uint256) {
        return ++received;
    }

    function look() external view returns (uint256) {
        return address(this).balance;
    }
}
