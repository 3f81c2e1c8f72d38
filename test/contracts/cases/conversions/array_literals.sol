// SPDX-License-Identifier: Apache-2.0
// Array literals take the type of their first element, which `msg.sender` has without `payable`.
pragma solidity ^0.8.27;

contract ArrayLiterals {
    address[2] private kept;

    function one() external view returns (address[1] memory) {
        return [msg.sender];
    }

    function several(uint8 x) external view returns (uint8, address[1] memory, uint8[3] memory) {
        return (x, [msg.sender], [x, 2, x / 2]);
    }

    function keep(address other) external returns (address[2] memory) {
        kept = [msg.sender, other];
        return kept;
    }

    function nested(uint16 x) external pure returns (uint16[2][2] memory) {
        return [[x, 1], [2, x]];
    }
}
