// SPDX-License-Identifier: Apache-2.0
// Characters of UTF-8 text, as far as showing source lines needs them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace omega::diag {

/// One character of a text: its code point (U+FFFD where the bytes are not UTF-8) and how many bytes it takes.
struct Character {
  char32_t code = 0;
  uint32_t size = 1;
  bool valid = true;
};

/// The character at `offset`, which is less than the text's size.
Character decode(std::string_view text, size_t offset);

/// Columns of a terminal that a character takes: 0 for combining marks, 2 for wide East Asian characters and emoji, else 1.
unsigned display_width(char32_t code);

/// Appends a code point as UTF-8.
void append_utf8(std::string& to, char32_t code);

}  // namespace omega::diag
