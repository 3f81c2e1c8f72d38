// SPDX-License-Identifier: Apache-2.0
// msg.sender in functions, modifiers, constructors and what they call.
pragma solidity ^0.8.27;

contract Sender {
    address public immutable maker;
    address public last;
    mapping(address => uint256) public visits;

    constructor() {
        maker = who();
    }

    function who() internal view returns (address) {
        return msg.sender;
    }

    modifier noted() {
        last = msg.sender;
        _;
    }

    function visit() external noted returns (address, uint256) {
        return (who(), ++visits[who()]);
    }

    function isMaker() external view returns (bool) {
        return msg.sender == maker;
    }

    function asNumber() external view returns (uint160, bytes20, bytes32) {
        return (uint160(msg.sender), bytes20(msg.sender), keccak256(abi.encodePacked(msg.sender)));
    }
}
