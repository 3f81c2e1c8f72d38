// SPDX-License-Identifier: Apache-2.0
// Numbers and strings: where they end, what is wrong with them, what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "omega/lex/tokens.h"

namespace omega::lex {

/// A number as it was found.
struct NumberShape {
  const char* end;      ///< one past its last byte
  TokenKind kind;       ///< Integer or Decimal
  const char* mistake;  ///< what is wrong with it, or null
};

/// Reads the number at `at`, which holds a digit, or a dot before a digit. Padding must follow the text.
NumberShape scan_number(const char* at);

/// The number with commas between groups of digits, such as `1,000,000`, that the digits at `at` are a group of; its groups behind the first have
/// three digits. Empty when they stand alone. `text` begins before `at`; padding must follow it.
std::string_view comma_grouped(const char* text, const char* at);

/// A quoted literal as it was found.
struct StringShape {
  const char* end;  ///< one past the closing quote, or the line end or text end that stands in its place
  bool closed;
};

/// Reads the string whose opening quote is at `quote`; it ends before `limit`.
StringShape scan_string(const char* quote, const char* limit);

/// Length of the escape at `at` (a backslash), at most up to `limit`; `valid` says whether there is such an escape.
struct EscapeShape {
  uint32_t size;
  bool valid;
};
EscapeShape scan_escape(const char* at, const char* limit);

/// The bytes that a String, HexString or UnicodeString token means, from its spelling. Bad escapes, reported by the lexer, stand as
/// they are spelled; a closing quote may be missing.
std::string string_value(std::string_view spelled);

}  // namespace omega::lex
