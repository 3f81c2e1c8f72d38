// SPDX-License-Identifier: Apache-2.0
// Indexed and plain arguments of every value type.
pragma solidity ^0.8.27;

contract IndexedValues {
    enum E { A, B }

    event Integers(uint8 indexed a, int16 indexed b, uint256 indexed c, int256 d);
    event Others(bool indexed a, address indexed b, bytes4 indexed c, E d);
    event Mixed(uint256 a, address indexed b, uint256 c, E indexed d, bytes32 e);
    event Nothing();
    event All(bool a, address b, bytes4 c, E d, int8 e);

    function emitAll(int16 x, bool y) external {
        emit Integers(200, x, uint256(int256(x) + 40000), x * 2);
        emit Others(y, msg.sender, "abcd", E.B);
        emit Mixed(1, address(5), 2, E.A, "word");
        emit Nothing();
        emit All(y, address(0xff), 0xff00ff00, E.B, -1);
    }
}
