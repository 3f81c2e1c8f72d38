// SPDX-License-Identifier: Apache-2.0
// Scanning of numbers and strings, and the bytes that strings mean.
#include "omega/lex/literals.h"

#include "omega/diag/unicode.h"
#include "omega/lex/characters.h"

namespace omega::lex {
namespace {

bool is_digit(char c) { return has_class(c, digit_class); }
bool is_hex_digit(char c) { return has_class(c, hex_digit_class); }

unsigned hex_value(char c) { return c <= '9' ? static_cast<unsigned>(c - '0') : (static_cast<unsigned>(c) | 0x20u) - 'a' + 10; }

/// Reads digits and underscores; notes an underscore that does not stand between two digits.
template <class IsDigit>
const char* scan_digits(const char* at, IsDigit is_part, const char*& mistake) {
  char before = '_';
  while (is_part(*at) || *at == '_') {
    if (*at == '_' && (before == '_' || !is_part(at[1])) && mistake == nullptr) {
      mistake = "underscores stand between two digits";
    }
    before = *at++;
  }
  return at;
}

}  // namespace

NumberShape scan_number(const char* at) {
  NumberShape number{at, TokenKind::Integer, nullptr};
  const char* end = at;
  if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
    if (at[1] == 'X') {
      number.mistake = "write `0x` in lower case";
    }
    end = scan_digits(at + 2, is_hex_digit, number.mistake);
    if (end == at + 2) {
      number.mistake = "no digits after `0x`";
    }
  } else {
    if (*at != '.') {
      if (at[0] == '0' && (is_digit(at[1]) || at[1] == '_')) {
        number.mistake = "leading zeros are not allowed";
      }
      end = scan_digits(at, is_digit, number.mistake);
    }
    if (end[0] == '.' && is_digit(end[1])) {
      number.kind = TokenKind::Decimal;
      end = scan_digits(end + 1, is_digit, number.mistake);
    }
    if (*end == 'e' || *end == 'E') {
      const char* exponent = end + 1;
      if (*exponent == '+' || *exponent == '-') {
        ++exponent;
      }
      if (is_digit(*exponent)) {
        number.kind = TokenKind::Decimal;
        end = scan_digits(exponent, is_digit, number.mistake);
      } else if (!is_identifier_part(end[1])) {
        number.mistake = "no digits in the exponent";
        end = exponent;
      }
    }
  }
  if (is_identifier_part(*end)) {
    number.mistake = number.mistake != nullptr ? number.mistake : "a letter follows directly";
    end = identifier_end(end);
  }
  number.end = end;
  return number;
}

std::string_view comma_grouped(const char* text, const char* at) {
  constexpr int most_groups = 26;  // of a number of 256 bits
  const auto is_group = [](const char* c) { return is_digit(c[0]) && is_digit(c[1]) && is_digit(c[2]) && !is_identifier_part(c[3]); };
  const char* first = at;
  int groups = 0;
  for (; groups < most_groups && first > text + 1 && is_group(first) && first[-1] == ',' && is_digit(first[-2]); ++groups) {
    first -= 2;
    while (first > text && is_digit(first[-1])) {
      --first;
    }
  }
  if (groups == 0 || groups == most_groups || (first > text && (is_identifier_part(first[-1]) || first[-1] == '.'))) {
    return {};
  }
  const char* end = at + 3;
  for (; groups < most_groups && *end == ',' && is_group(end + 1); ++groups) {
    end += 4;
  }
  return {first, static_cast<size_t>(end - first)};
}

StringShape scan_string(const char* quote, const char* limit) {
  const char closing = *quote;
  const char* at = quote + 1;
  while (at < limit) {
    if (*at == closing) {
      return {at + 1, true};
    }
    if (*at == '\n') {
      break;
    }
    if (*at == '\\' && at + 1 < limit) {
      at += at[1] == '\r' && at + 2 < limit && at[2] == '\n' ? 3 : 2;
      continue;
    }
    ++at;
  }
  // A carriage return before the line end is part of the line end.
  if (at > quote + 1 && at < limit && at[-1] == '\r') {
    --at;
  }
  return {at, false};
}

EscapeShape scan_escape(const char* at, const char* limit) {
  const auto hex_digits = [&](uint32_t count) {
    uint32_t found = 0;
    while (found < count && at + 2 + found < limit && is_hex_digit(at[2 + found])) {
      ++found;
    }
    return found;
  };
  if (at + 1 >= limit) {
    return {1, false};
  }
  switch (at[1]) {
    case '\\':
    case '\'':
    case '"':
    case 'n':
    case 'r':
    case 't':
    case '0':
    case '\n': return {2, true};
    case '\r': return at + 2 < limit && at[2] == '\n' ? EscapeShape{3, true} : EscapeShape{2, false};
    case 'x': {
      const uint32_t found = hex_digits(2);
      return {2 + found, found == 2};
    }
    case 'u': {
      const uint32_t found = hex_digits(4);
      // D800 to DFFF are halves of pairs, no characters.
      const bool half = found == 4 && (at[2] == 'd' || at[2] == 'D') && hex_value(at[3]) >= 8;
      return {2 + found, found == 4 && !half};
    }
    default: {
      const diag::Character character = diag::decode({at, static_cast<size_t>(limit - at)}, 1);
      return {1 + character.size, false};
    }
  }
}

namespace {

std::string hex_string_value(std::string_view digits) {
  std::string bytes;
  unsigned pending = 0;
  bool half = false;
  for (const char c : digits) {
    if (!is_hex_digit(c)) {
      continue;
    }
    pending = pending << 4 | hex_value(c);
    if (half) {
      bytes += static_cast<char>(pending & 0xff);
    }
    half = !half;
  }
  return bytes;
}

void append_escape(std::string& to, std::string_view escape) {
  switch (escape[1]) {
    case 'n': to += '\n'; return;
    case 'r': to += '\r'; return;
    case 't': to += '\t'; return;
    case '0': to += '\0'; return;
    case '\n':
    case '\r': return;
    case 'x': to += static_cast<char>(hex_value(escape[2]) << 4 | hex_value(escape[3])); return;
    case 'u':
      diag::append_utf8(to, static_cast<char32_t>(hex_value(escape[2]) << 12 | hex_value(escape[3]) << 8 | hex_value(escape[4]) << 4 | hex_value(escape[5])));
      return;
    default: to += escape[1];
  }
}

}  // namespace

std::string string_value(std::string_view spelled) {
  const size_t quote = spelled.find_first_of("\"'");
  if (quote == std::string_view::npos) {
    return {};
  }
  const StringShape shape = scan_string(spelled.data() + quote, spelled.data() + spelled.size());
  std::string_view inside = spelled.substr(quote + 1);
  if (shape.closed) {
    inside.remove_suffix(1);
  }
  if (spelled.starts_with("hex")) {
    return hex_string_value(inside);
  }
  std::string bytes;
  bytes.reserve(inside.size());
  const char* const limit = inside.data() + inside.size();
  for (const char* at = inside.data(); at < limit;) {
    if (*at != '\\') {
      bytes += *at++;
      continue;
    }
    const EscapeShape escape = scan_escape(at, limit);
    const std::string_view text(at, escape.size);
    if (escape.valid) {
      append_escape(bytes, text);
    } else {
      bytes += text;
    }
    at += escape.size;
  }
  return bytes;
}

}  // namespace omega::lex
