// SPDX-License-Identifier: Apache-2.0
// Words and short phrases of Omega, for token_mutation.h.
#pragma once

#include <string_view>

namespace omega::fuzzing {

/// Tokens, names that the language has, and the phrases a token by token mutation would hardly find.
inline constexpr std::string_view kOmegaVocabulary[] = {
#define OMEGA_TOKEN(name, text) text,
#define OMEGA_TOKEN_CLASS(name)
#include "omega/lex/token_kinds.def"
#define OMEGA_PATTERN(kind, name) name,
#define OMEGA_BUILTIN_FUNCTION(kind, name) name,
#define OMEGA_BUILTIN_CONSTANT(kind, name, value) name,
#define OMEGA_METHOD(kind, name, receivers) "." name "()",  // NOLINT(bugprone-suspicious-missing-comma): one word
#include "omega/check/builtin_names.def"
    // As many to a line as fit.
    // clang-format off
    "bool", "int8", "int64", "int256", "int", "uint8", "uint16", "uint64", "uint72", "uint256", "uint", "float32", "float64", "string", "bytes",
    "bytes1", "bytes32", "address", "int64[]", "string[]", "int64[][]", "int64[3]", "float64[2][3]", "(int64, bool)", "mapping(string => int64)",
    "mapping(int64 => int64[])", "Result<int64>", "Result<string[]>", "function(int64) returns (int64)", "function()", "var", "from", "error", "revert",
    "unchecked", "self", "acc", "_", "x", "xs", "i", "T", "U", "P", "if guard", "\n", ";", "hex\"00ff\"", "unicode\"\xc3\xa9\"", "'text'", "\"%v %d %s\\n\"",
    ".over:", ".transform:", ".where:", ".from:", ".with:", ".limit:", ".body:", ".steps:", ".catch:", ".on:", ".step:", ".memo: true", ".parallel: true",
    ".tasks:", ".timeout:", ".on_error: \"collect\"", ".max_concurrent:", ".after:", ".default:", ".attempts:", ".backoff: \"linear\"", ".delay:", ".key:",
    ".ttl:", ".value:", ".rules:", ".length", ".ok", ".value", ".error", ".errors", ".min", ".max", "1_000", "0xff", "1e9", "2.5e-3", "1 ether", "2 days",
    "let x = 1\n", "let xs = [1, 2, 3]\n", "let (a, b) = (1, true)\n", "@ i in 0..<10 { }\n", "@@ i in 0..<n { xs[i] = i }\n", "2 @ i in xs { s += i }\n",
    "for (int64 i = 0; i < n; i++) { }\n", "while x < 9 { x += 1 }\n", "do { x++ } while (x < 5)\n", "if x > 1 { } else if x == 0 { } else { }\n",
    "function f(int64 x) returns (int64) { return x }\n", "function f<T>(T x) returns (T) { return x }\n", "function f<T, U>(T[] xs, function(T) returns (U) g) returns (U[]) { return map(xs, g) }\n",
    "struct P { int64 x; string s; float64[] w; }\n", "enum E { A, B, C }\n", "int64 constant N = 2 ** 10\n", "type Price is uint64\n",
    "contract C { uint256 total; function f() public returns (uint256) { return total; } }\n", "event E(uint256 indexed a, string b);\n", "error Bad(int64 code);\n",
    "import \"./b.omega\"\n", "import {f as g} from \"./b.omega\"\n", "import * as m from \"./b.omega\"\n", "using L for uint256;\n", "interface I { function f() external; }\n",
    "match(x, 0 => 1, 1..=5 => 2, n if n > 9 => n, _ => 3)", "match x { A => 1, B | C => 2 }", "map(xs, x => x * 2)", "filter(xs, x => x > 1)",
    "fold(xs, 0, (acc, x) => acc + x)", "find(0..<9, k => k * k > 5)", "try(f(x))", "try f(x)", "recurse(.on: 9, .step: (self, n) => n < 2 ? n : self(n - 1) + self(n - 2))",
    "parallel([1 + 2, f(3)])", "timeout(100, f(x), 0)", "retry(f(x), 3)", "cache(x, f(x))", "validate(x, [(v => v > 0, \"positive\")])", "run([1, 2])",
    "x => x", "(x, y) => x + y", "() => { return 1; }", "(int64 x) => x", "xs[1..<2]", "xs[1:2]", "xs[i]", "P{x: 1}", "P({x: 1, s: \"\"})", "f({x: 1})",
    "new int64[](4)", "new int64[][](3)", "new int64[](4, 7)", "int64(x)", "uint8(x)", "float64(x)", "string(x)", "type(int8).min", "type(uint256).max",
    "Result.ok(1)", "Result.error<int64>(\"m\")", "unchecked { x = x * x }\n", "require(x > 0, \"m\")\n", "assert(true)\n", "return\n", "break\n", "continue\n",
    "atomic_add(n, 1)\n", "s = max(s, x)\n", "printf(\"%v\\n\", x)\n", "x ** 2", "x << 3", "x >>> 1", "c ? a : b", "-x", "~x", "!b", "x++", "(a, b) = (b, a)\n", "delete x\n",
    // clang-format on
};

}  // namespace omega::fuzzing
