// SPDX-License-Identifier: Apache-2.0
// Words, numbers and strings of the IR's textual form.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

namespace omega::ir {

/// Why a line cannot be read; thrown.
struct Failure {
  std::string message;
};

/// True for what names of the form are made of.
inline bool is_word_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; }

/// Appends `text` in quotes, as Cursor::string() reads it.
void append_quoted(std::string& out, std::string_view text);

/// Reads one line.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : rest_(line) { skip(); }

  bool at_end() const { return rest_.empty(); }
  bool peek(char c) const { return !rest_.empty() && rest_[0] == c; }
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) {
      return false;
    }
    rest_.remove_prefix(text.size());
    skip();
    return true;
  }
  void expect(std::string_view text) {
    if (!take(text)) {
      throw Failure{"expected `" + std::string(text) + "`"};
    }
  }
  /// A run of letters, digits, `_` and `.`; may be empty.
  std::string_view peek_word() const {
    size_t size = 0;
    while (size < rest_.size() && is_word_char(rest_[size])) {
      ++size;
    }
    return rest_.substr(0, size);
  }
  std::string_view word() {
    const std::string_view text = peek_word();
    if (text.empty()) {
      throw Failure{"expected a name"};
    }
    rest_.remove_prefix(text.size());
    skip();
    return text;
  }
  bool take_word(std::string_view text) {
    if (peek_word() != text) {
      return false;
    }
    word();
    return true;
  }
  void expect_word(std::string_view text) {
    if (!take_word(text)) {
      throw Failure{"expected `" + std::string(text) + "`"};
    }
  }
  template <class Number>
  Number number() {
    Number value{};
    const char* begin = rest_.data();
    const char* end = begin + rest_.size();
    const bool hex = rest_.starts_with("0x");
    const auto [stop, error] = std::from_chars(hex ? begin + 2 : begin, end, value, hex ? 16 : 10);
    if (error != std::errc() || (stop != end && is_word_char(*stop))) {
      throw Failure{"expected a number in range"};
    }
    rest_.remove_prefix(static_cast<size_t>(stop - begin));
    skip();
    return value;
  }
  double floating() {
    double value = 0;
    const char* begin = rest_.data();
    const auto [stop, error] = std::from_chars(begin, begin + rest_.size(), value);
    if (error != std::errc()) {
      throw Failure{"expected a floating-point number"};
    }
    rest_.remove_prefix(static_cast<size_t>(stop - begin));
    skip();
    return value;
  }
  std::string string();

 private:
  void skip() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\r')) {
      rest_.remove_prefix(1);
    }
    if (peek(';')) {
      rest_ = {};
    }
  }

  std::string_view rest_;
};

}  // namespace omega::ir
