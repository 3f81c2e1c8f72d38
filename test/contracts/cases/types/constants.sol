// SPDX-License-Identifier: Apache-2.0
// Constants of every kind, from expressions over others.
pragma solidity ^0.8.27;

uint256 constant OUTER = 7;

contract ConstantsBase {
    uint256 internal constant BASE = OUTER * 6;
    bytes32 public constant ROLE = keccak256("ROLE");
}

contract Constants is ConstantsBase {
    uint256 public constant SUM = BASE + 1;
    int8 public constant NEGATIVE = -128;
    bool public constant YES = SUM > 42;
    address public constant WHO = address(0xdead);
    bytes4 public constant SELECTOR = bytes4(keccak256("f(uint256)"));
    string public constant TEXT = "a constant text that is longer than thirty-two bytes";
    bytes public constant DATA = hex"00ff10";
    uint256 private constant BIG = uint256(type(uint128).max) + 1;

    function all() external pure returns (uint256, bytes32, uint256, bytes memory, uint256) {
        return (BASE, keccak256(bytes(TEXT)), BIG, DATA, bytes(TEXT).length + DATA.length);
    }

    function inArray() external pure returns (uint8[OUTER] memory list) {
        list[OUTER - 1] = uint8(OUTER);
    }
}
