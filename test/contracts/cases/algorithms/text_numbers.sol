// SPDX-License-Identifier: Apache-2.0
// Numbers to text and back: decimal, hexadecimal, roman, signed.
pragma solidity ^0.8.27;

contract TextNumbers {
    bytes16 private constant DIGITS = "0123456789abcdef";
    error NotANumber(string text);

    function decimal(uint256 x) public pure returns (string memory) {
        if (x == 0) return "0";
        uint256 n;
        for (uint256 y = x; y != 0; y /= 10) n++;
        bytes memory b = new bytes(n);
        while (x != 0) {
            b[--n] = bytes1(uint8(48 + x % 10));
            x /= 10;
        }
        return string(b);
    }

    function signed(int256 x) external pure returns (string memory) {
        if (x >= 0) return decimal(uint256(x));
        unchecked {
            return string.concat("-", decimal(uint256(-x)));
        }
    }

    function hexadecimal(uint256 x, uint256 length) public pure returns (string memory) {
        bytes memory b = new bytes(2 * length + 2);
        b[0] = "0";
        b[1] = "x";
        for (uint256 i = 2 * length + 1; i > 1; --i) {
            b[i] = DIGITS[x & 0xf];
            x >>= 4;
        }
        require(x == 0, "length insufficient");
        return string(b);
    }

    function ofAddress(address x) external pure returns (string memory) {
        return hexadecimal(uint160(x), 20);
    }

    function parse(string calldata text) external pure returns (uint256 x) {
        bytes calldata b = bytes(text);
        if (b.length == 0) revert NotANumber(text);
        for (uint256 i = 0; i < b.length; i++) {
            uint8 digit = uint8(b[i]);
            if (digit < 48 || digit > 57) revert NotANumber(text);
            x = x * 10 + (digit - 48);
        }
    }

    function roman(uint256 x) external pure returns (string memory r) {
        uint16[13] memory values = [1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1];
        string[13] memory signs = ["M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"];
        for (uint256 i = 0; i < 13; i++) {
            for (; x >= values[i]; x -= values[i]) r = string.concat(r, signs[i]);
        }
    }
}
