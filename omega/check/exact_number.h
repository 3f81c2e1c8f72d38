// SPDX-License-Identifier: Apache-2.0
// Numbers of literals and arithmetic on them, which is exact, for programs and contracts alike. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "omega/check/big_integer.h"
#include "omega/parse/tree.h"

namespace omega::check {

/// The literal without `_`; it lies in `buffer` when it had any.
std::string_view without_underscores(std::string_view text, std::string& buffer);

/// The exact value of a literal of decimal digits, with or without point and exponent; nothing where it is too large or too fine to be read at all. What is
/// read may still be too_big().
std::optional<Rational> read_decimal(std::string_view text);

/// How many wei (or seconds) are one `gwei`, `ether`, `days` … of the parser's units.
int64_t unit_factor(std::string_view unit);

/// What an operator makes of two numbers.
struct Folded {
  enum class Kind : uint8_t {
    Number,
    Truth,
    TooLarge,  ///< beyond BigInteger::max_bits, or an operand no such operator takes
    DivisionByZero,
    NoSuchOperator,  ///< not one on numbers
  };
  Kind kind = Kind::Number;
  bool truth = false;
  Rational number{};
};

/// `a op b`, exactly. `%` has the sign of `a`; shifts and bits are those of whole numbers, in two's complement.
Folded fold(parse::BinaryOp op, const Rational& a, const Rational& b);

}  // namespace omega::check
