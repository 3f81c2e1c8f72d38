// SPDX-License-Identifier: Apache-2.0
// Reads the numbers and bytes of WebAssembly's binary format in order; used by the readers of this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace omega::object::wasm {

/// The error of malformed bytes, thrown and caught inside this folder only.
struct Malformed {
  std::string what;
};

inline void require(bool condition, const char* what) {
  if (!condition) {
    throw Malformed{what};
  }
}

class Cursor {
 public:
  explicit Cursor(std::string_view bytes, size_t at = 0) : bytes_(bytes), at_(at) {}

  bool at_end() const { return at_ == bytes_.size(); }
  size_t position() const { return at_; }
  size_t left() const { return bytes_.size() - at_; }

  uint8_t byte() {
    require(at_ < bytes_.size(), "the bytes end too early");
    return static_cast<uint8_t>(bytes_[at_++]);
  }

  std::string_view take(uint64_t count) {
    require(count <= left(), "the bytes end too early");
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }

  /// An unsigned number of up to 32 bits; needless zeros are allowed up to five bytes.
  uint32_t u32() {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 35; shift += 7) {
      const uint8_t next = byte();
      value |= static_cast<uint64_t>(next & 0x7fu) << shift;
      if (next < 0x80) {
        require(value <= UINT32_MAX, "a number has more than 32 bits");
        return static_cast<uint32_t>(value);
      }
    }
    throw Malformed{"a number has more than 32 bits"};
  }

  /// A signed number of `bits` (32, 33 or 64).
  int64_t signed_number(uint32_t bits) {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < bits; shift += 7) {
      const uint8_t next = byte();
      value |= static_cast<uint64_t>(next & 0x7fu) << shift;
      if (next < 0x80) {
        const bool is_negative = (next & 0x40u) != 0;
        if (shift + 7 < 64 && is_negative) {
          value |= ~uint64_t{0} << (shift + 7);
        }
        // The last of ten bytes holds one bit and copies of it.
        require(shift < 63 || next == 0 || next == 0x7f, "a number has more than 64 bits");
        const auto number = static_cast<int64_t>(value);
        require(bits == 64 || (number >= -(int64_t{1} << (bits - 1)) && number < int64_t{1} << (bits - 1)), "a number has too many bits");
        return number;
      }
    }
    throw Malformed{"a number has too many bits"};
  }

  /// The count of a vector whose elements have at least a byte each.
  uint32_t count() {
    const uint32_t number = u32();
    require(number <= left(), "the bytes end too early");
    return number;
  }

  std::string_view text() { return take(u32()); }

 private:
  std::string_view bytes_;
  size_t at_;
};

}  // namespace omega::object::wasm
