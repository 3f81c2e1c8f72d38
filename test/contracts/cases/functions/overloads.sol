// SPDX-License-Identifier: Apache-2.0
// Overloads by number and type of arguments, inside and from outside.
pragma solidity ^0.8.27;

contract Overloads {
    function f() public pure returns (string memory) {
        return "none";
    }

    function f(uint256) public pure returns (string memory) {
        return "uint256";
    }

    function f(int256) public pure returns (string memory) {
        return "int256";
    }

    function f(bytes4) public pure returns (string memory) {
        return "bytes4";
    }

    function f(string memory) public pure returns (string memory) {
        return "string";
    }

    function f(uint256, uint256) public pure returns (string memory) {
        return "two";
    }

    function f(uint256[] memory) public pure returns (string memory) {
        return "array";
    }

    function f(uint256[2] memory) public pure returns (string memory) {
        return "pair";
    }

    function f(address) public pure returns (string memory) {
        return "address";
    }

    function inside() external view returns (string memory) {
        uint8 small = 1;
        int8 signed = -1;
        uint256[] memory list;
        string memory text = "text";
        return string.concat(f(), " ", f(small), " ", f(signed), " ", f(text), " ", f(1, 2), " ", f(list), " ", f([uint256(1), 2]), " ", f(msg.sender), " ", f(bytes4(0)));
    }
}
