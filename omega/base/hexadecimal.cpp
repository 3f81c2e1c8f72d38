// SPDX-License-Identifier: Apache-2.0
#include "omega/base/hexadecimal.h"

namespace omega::base {

namespace {

constexpr int kNoDigit = -1;

int digit_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : kNoDigit;
}

}  // namespace

std::string hexadecimal(std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string hexadecimal(std::string_view bytes) { return hexadecimal({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}); }

std::optional<std::string> bytes_of_hexadecimal(std::string_view digits) {
  std::string bytes;
  bytes.reserve((digits.size() + 1) / 2);
  int high = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const int value = digit_value(digits[i]);
    if (value == kNoDigit) {
      return std::nullopt;
    }
    if ((digits.size() - i) % 2 == 0) {
      high = value;
    } else {
      bytes += static_cast<char>(high << 4 | value);
      high = 0;
    }
  }
  return bytes;
}

}  // namespace omega::base
