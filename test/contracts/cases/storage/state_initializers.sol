// SPDX-License-Identifier: Apache-2.0
// Initial values of state: by expressions, by others declared before and after, of arrays and strings.
pragma solidity ^0.8.27;

contract StateInitializers {
    uint256 public a = 5;
    uint256 public b = a * 2 + LATER;
    uint256 public c = later();
    uint256 public d = 4;
    uint256 private constant LATER = 100;
    bytes32 public hash = keccak256(abi.encode(a, b));
    uint8[3] public small = [1, 2, 3];
    uint256[] public list = [uint256(9), 8, 7];
    string public text = string.concat("a", "b");
    bytes public data = hex"c0ffee";
    address public me = msg.sender;
    bool public flag = a > 4 && b != 0;
    int256 public negative = -int256(a);
    Pair public pair = Pair(1, "two");
    string[2] public words = ["first", "a second word that is longer than thirty-two bytes"];

    struct Pair {
        uint8 x;
        string y;
    }

    function later() private view returns (uint256) {
        return d + a;
    }
}
