// SPDX-License-Identifier: Apache-2.0
#include "omega/ir/text_cursor.h"

#include <cstdint>

namespace omega::ir {

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\x";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string Cursor::string() {
  if (!peek('"')) {
    throw Failure{"expected a string"};
  }
  std::string text;
  size_t i = 1;
  auto digit = [&](size_t at) -> uint32_t {
    const char c = at < rest_.size() ? rest_[at] : ' ';
    if (c >= '0' && c <= '9') {
      return static_cast<uint32_t>(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
      return static_cast<uint32_t>(c - 'a' + 10);
    }
    throw Failure{"expected two hexadecimal digits after \\x"};
  };
  for (; i < rest_.size() && rest_[i] != '"'; ++i) {
    if (rest_[i] != '\\') {
      text += rest_[i];
      continue;
    }
    ++i;
    if (i >= rest_.size()) {
      break;
    }
    if (rest_[i] == 'x') {
      text += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
      i += 2;
    } else if (rest_[i] == 'n') {
      text += '\n';
    } else {
      text += rest_[i];
    }
  }
  if (i >= rest_.size()) {
    throw Failure{"string without end"};
  }
  rest_.remove_prefix(i + 1);
  skip();
  return text;
}

}  // namespace omega::ir
