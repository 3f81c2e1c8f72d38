// SPDX-License-Identifier: Apache-2.0
// Base64 there and back.
pragma solidity ^0.8.27;

contract Base64 {
    string private constant TABLE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    error BadCharacter(uint256 position, bytes1 character);

    function encode(bytes memory data) external pure returns (string memory) {
        if (data.length == 0) return "";
        bytes memory table = bytes(TABLE);
        bytes memory r = new bytes((data.length + 2) / 3 * 4);
        uint256 at;
        for (uint256 i = 0; i < data.length; i += 3) {
            uint256 rest = data.length - i;
            uint256 word = uint256(uint8(data[i])) << 16;
            if (rest > 1) word |= uint256(uint8(data[i + 1])) << 8;
            if (rest > 2) word |= uint8(data[i + 2]);
            r[at++] = table[word >> 18];
            r[at++] = table[(word >> 12) & 63];
            r[at++] = rest > 1 ? table[(word >> 6) & 63] : bytes1("=");
            r[at++] = rest > 2 ? table[word & 63] : bytes1("=");
        }
        return string(r);
    }

    function value(bytes1 c, uint256 at) private pure returns (uint256) {
        uint8 x = uint8(c);
        if (x >= 65 && x <= 90) return x - 65;
        if (x >= 97 && x <= 122) return x - 71;
        if (x >= 48 && x <= 57) return x + 4;
        if (c == "+") return 62;
        if (c == "/") return 63;
        revert BadCharacter(at, c);
    }

    function decode(string calldata text) external pure returns (bytes memory r) {
        bytes calldata b = bytes(text);
        require(b.length % 4 == 0, "length");
        if (b.length == 0) return r;
        uint256 padding = b[b.length - 1] != "=" ? 0 : b[b.length - 2] != "=" ? 1 : 2;
        r = new bytes(b.length / 4 * 3 - padding);
        uint256 word;
        uint256 at;
        for (uint256 i = 0; i < b.length; i++) {
            word = (word << 6) | (i + padding < b.length ? value(b[i], i) : 0);
            if (i % 4 == 3) {
                for (uint256 j = 0; j < 3 && at < r.length; j++) r[at++] = bytes1(uint8(word >> (16 - 8 * j)));
                word = 0;
            }
        }
    }
}
