// SPDX-License-Identifier: Apache-2.0
// Digests as text, and bytes to take them of: what the tests of hashes share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace omega::base {

/// Two digits a byte, lower case.
template <size_t size>
std::string hex(const std::array<uint8_t, size>& digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

/// Bytes i % 251.
inline std::string counted_bytes(size_t length) {
  std::string bytes;
  for (size_t i = 0; i < length; ++i) {
    bytes += static_cast<char>(i % 251);
  }
  return bytes;
}

}  // namespace omega::base
