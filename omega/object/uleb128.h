// SPDX-License-Identifier: Apache-2.0
// Numbers of seven bits a byte, least significant first.
#pragma once

#include <cstdint>
#include <string>

namespace omega::object {

inline void append_uleb128(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

}  // namespace omega::object
