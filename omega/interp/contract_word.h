// SPDX-License-Identifier: Apache-2.0
// Words of contracts: 256 bits. Integers are extended to them by their own sign, references are numbers of objects or places.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/omega_runtime.h"

namespace omega::interp {

using Word = om_wide;
using Address = Word;  ///< 160 bits

inline constexpr uint32_t kUnsignedWord = OM_INT(256, 0);

constexpr Word word_of(uint64_t value) { return {{value, 0, 0, 0}}; }
inline bool is_zero(const Word& w) { return (w.limb[0] | w.limb[1] | w.limb[2] | w.limb[3]) == 0; }
inline bool fits_64(const Word& w) { return (w.limb[1] | w.limb[2] | w.limb[3]) == 0; }
inline bool same_word(const Word& a, const Word& b) { return om_wide_cmp(&a, &b, kUnsignedWord) == 0; }
inline bool less_word(const Word& a, const Word& b) { return om_wide_cmp(&a, &b, kUnsignedWord) < 0; }
/// The order of a table.
struct WordOrder {
  bool operator()(const Word& a, const Word& b) const { return less_word(a, b); }
};

/// Big-endian from 32 bytes, or from up to 32 as the low ones.
inline Word word_from_bytes(std::string_view bytes) {
  Word w = word_of(0);
  for (size_t i = 0; i < bytes.size() && i < 32; ++i) {
    w.limb[i / 8] |= uint64_t{static_cast<uint8_t>(bytes[bytes.size() - 1 - i])} << (i % 8 * 8);
  }
  return w;
}
/// Writes the low `size` bytes, the most significant first.
inline void write_word(char* to, const Word& w, uint32_t size = 32) {
  for (uint32_t i = 0; i < size; ++i) {
    to[size - 1 - i] = static_cast<char>(w.limb[i / 8] >> (i % 8 * 8));
  }
}
inline std::string word_bytes(const Word& w, uint32_t size = 32) {
  std::string bytes(size, '\0');
  write_word(bytes.data(), w, size);
  return bytes;
}
inline Word shifted_left(const Word& w, uint32_t bits) {
  Word result;
  om_wide_shl(&result, &w, bits, kUnsignedWord);
  return result;
}
inline Word shifted_right(const Word& w, uint32_t bits) {
  Word result;
  om_wide_shr(&result, &w, bits, kUnsignedWord);
  return result;
}

}  // namespace omega::interp
