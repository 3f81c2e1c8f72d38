// SPDX-License-Identifier: Apache-2.0
// Words and short phrases of Solidity, for token_mutation.h.
#pragma once

#include <string_view>

namespace omega::fuzzing {

/// Tokens, names that the language has, and the phrases a token by token mutation would hardly find.
inline constexpr std::string_view kSolidityVocabulary[] = {
    // As many to a line as fit.
    // clang-format off
    "(", ")", "[", "]", "{", "}", ";", ",", ".", "=>", "=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>=", "++", "--", "+", "-", "*", "/", "%", "**",
    "<<", ">>", "<", ">", "<=", ">=", "==", "!=", "&&", "||", "!", "~", "&", "|", "^", "?", ":", "_;",
    "contract", "interface", "library", "abstract", "is", "function", "modifier", "constructor", "receive", "fallback", "event", "error", "struct", "enum", "mapping",
    "using", "for", "import", "pragma", "returns", "return", "if", "else", "while", "do", "break", "continue", "emit", "revert", "require", "assert", "try", "catch",
    "unchecked", "new", "delete", "type", "public", "private", "internal", "external", "pure", "view", "payable", "virtual", "override", "constant", "immutable",
    "indexed", "anonymous", "memory", "storage", "calldata", "assembly", "super", "this", "true", "false",
    "bool", "uint8", "uint16", "uint64", "uint128", "uint160", "uint256", "uint", "int8", "int64", "int128", "int256", "int", "address", "address payable", "bytes1",
    "bytes4", "bytes20", "bytes32", "bytes", "string", "uint256[]", "uint8[3]", "uint256[][]", "bytes[]", "string[2]", "bool[]", "address[]",
    "mapping(address => uint256)", "mapping(uint256 => mapping(address => bool))", "mapping(string => uint256[])", "mapping(bytes32 key => S value)",
    "msg.sender", "msg.value", "msg.data", "msg.sig", "tx.origin", "tx.gasprice", "block.timestamp", "block.number", "block.chainid", "block.coinbase", "block.basefee",
    "block.prevrandao", "block.gaslimit", "gasleft()", "address(this)", "address(0)", "this.balance", ".balance", ".code.length", ".selector", ".length", ".push()",
    ".push(x)", ".pop()", ".min", ".max", ".name", ".interfaceId", ".transfer(1)", ".send(1)", ".call(\"\")", ".staticcall(b)", ".delegatecall(b)", "{value: 1}",
    "{value: x, gas: 5000}", ".concat(a, b)", ".wrap(x)", ".unwrap(x)",
    "keccak256(b)", "sha256(b)", "ripemd160(b)", "ecrecover(h, 27, r, s)", "addmod(x, y, 7)", "mulmod(x, y, 7)", "abi.encode(x, b)", "abi.encodePacked(x, s)",
    "abi.encodeWithSelector(0x12345678, x)", "abi.encodeWithSignature(\"f(uint256)\", x)", "abi.encodeCall(this.f, (x))", "abi.decode(b, (uint256, bytes))",
    "abi.decode(b, (S[]))", "bytes.concat(a, b)", "string.concat(s, s)", "type(uint8).max", "type(int256).min", "type(C).name", "type(I).interfaceId",
    "x", "y", "i", "b", "s", "xs", "owner", "self", "S", "E", "E.A", "L", "C", "I", "T", "0", "1", "255", "256", "2 ** 255", "0xff", "1e18", "1 ether", "2 days", "1_000",
    "0x00000000000000000000000000000000000000aa", "hex\"00ff\"", "\"text\"", "'a'", "unicode\"\xc3\xa9\"", "\"\"", "S(1, b)", "S({x: 1, b: b})", "f({x: 1})", "uint8(x)",
    "uint256(x)", "int256(x)", "bytes32(x)", "bytes4(b)", "address(uint160(x))", "payable(owner)", "bytes(s)", "string(b)", "E(1)", "uint8(E.A)", "bytes1(uint8(x))",
    "new uint256[](3)", "new bytes(x)", "new string(4)", "new S[](2)", "[uint8(1), 2, 3]", "xs[i]", "b[1:]", "msg.data[4:]", "xs[0] = x;", "(x, y) = (y, x);",
    "(uint256 p, bool q) = (1, true);", "(, y) = g();", "x ? y : 1", "x++", "--y", "delete xs;", "delete xs[i];", "x /= y;", "-x", "~x", "!q", "unchecked { x -= 1; }",
    "for (uint256 i = 0; i < 9; i++) { x += i; }", "while (x > 9) { x /= 2; }", "do { x++; } while (x < 5);", "if (x > 1) { return x; } else { x = 2; }", "return (x, b);",
    "require(x > 0, \"m\");", "require(x > 0, Bad(x));", "revert(\"m\");", "revert Bad(x);", "revert();", "assert(x == y);", "emit Moved(owner, x);",
    "try this.f(x) returns (uint256 v) { y = v; } catch Error(string memory m) { s = m; } catch Panic(uint256 c) { y = c; } catch (bytes memory d) { b = d; }",
    "S memory m = S(1, b);", "S storage p = list[0];", "uint256[] memory a = new uint256[](3);", "bytes memory d = abi.encode(x);", "string memory t = \"a\";",
    "uint256 public total;", "mapping(address => uint256) public balances;", "uint256[] private xs;", "S[] list;", "uint256 constant N = 2 ** 10;",
    "address immutable owner = msg.sender;", "struct S { uint256 x; bytes b; }", "enum E { A, B, C }", "error Bad(uint256 code);",
    "event Moved(address indexed from, uint256 value);", "type Price is uint128;", "using L for uint256;", "using {f as +} for Price global;",
    "modifier only() { require(msg.sender == owner); _; }", "constructor(uint256 x) { total = x; }", "receive() external payable {}",
    "fallback(bytes calldata d) external returns (bytes memory) { return d; }", "function f(uint256 x) public returns (uint256) { return x; }",
    "function g(uint256[] calldata a, string memory t) external view virtual returns (bytes memory) {}", "function h() internal pure override(C, I) returns (bool q) {}",
    "library L { function twice(uint256 x) internal pure returns (uint256) { return x * 2; } }", "interface I { function f(uint256 x) external returns (uint256); }",
    "abstract contract A { function f() public virtual; }", "contract D is C, I { }", "contract D is C(1) { }", "pragma solidity ^0.8.20;", "import \"./b.sol\";",
    "import {S as R} from \"./b.sol\";", "import * as m from \"./c.sol\";",
    // clang-format on
};

}  // namespace omega::fuzzing
