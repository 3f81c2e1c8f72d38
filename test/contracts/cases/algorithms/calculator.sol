// SPDX-License-Identifier: Apache-2.0
// Expressions read by recursive descent: sums, products, parentheses, signs.
pragma solidity ^0.8.27;

contract Calculator {
    error Unexpected(uint256 position, bytes1 character);
    error TooDeep();

    struct Reader {
        bytes text;
        uint256 at;
        uint256 depth;
    }

    function evaluate(string calldata text) external pure returns (int256 r) {
        Reader memory reader = Reader(bytes(text), 0, 0);
        r = sum(reader);
        if (reader.at != reader.text.length) revert Unexpected(reader.at, reader.text[reader.at]);
    }

    function peek(Reader memory r) private pure returns (bytes1) {
        while (r.at < r.text.length && r.text[r.at] == " ") r.at++;
        return r.at < r.text.length ? r.text[r.at] : bytes1(0);
    }

    function sum(Reader memory r) private pure returns (int256 x) {
        if (++r.depth > 8) revert TooDeep();
        x = product(r);
        for (bytes1 c = peek(r); c == "+" || c == "-"; c = peek(r)) {
            r.at++;
            int256 y = product(r);
            x = c == "+" ? x + y : x - y;
        }
        r.depth--;
    }

    function product(Reader memory r) private pure returns (int256 x) {
        x = factor(r);
        while (true) {
            bytes1 c = peek(r);
            if (c != "*" && c != "/") return x;
            r.at++;
            int256 y = factor(r);
            x = c == "*" ? x * y : x / y;
        }
    }

    function factor(Reader memory r) private pure returns (int256 x) {
        bytes1 c = peek(r);
        if (c == "-") {
            r.at++;
            return -factor(r);
        }
        if (c == "(") {
            r.at++;
            x = sum(r);
            c = peek(r);
            if (c != ")") revert Unexpected(r.at, c);
            r.at++;
            return x;
        }
        uint256 start = r.at;
        while (r.at < r.text.length && r.text[r.at] >= "0" && r.text[r.at] <= "9") x = x * 10 + int256(uint256(uint8(r.text[r.at++]) - 48));
        if (r.at == start) revert Unexpected(start, c);
    }
}
