// SPDX-License-Identifier: Apache-2.0
// A fast 64-bit hash of bytes and integers. Not stable between versions and not for hostile keys: for tables in memory only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace omega::base {

namespace hash_detail {

constexpr uint64_t k0 = 0x9e3779b97f4a7c15u;
constexpr uint64_t k1 = 0xd6e8feb86659fd93u;
/// Spreads a length over all bits, so that no difference of bytes equals a difference of lengths.
constexpr uint64_t k2 = 0xa24baed4963ee407u;

/// Folds the 128-bit product of the two words into 64 bits.
inline uint64_t fold_product(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

template <class Word>
inline uint64_t load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// For more than 16 bytes.
uint64_t hash_long(const char* data, size_t size);

}  // namespace hash_detail

/// Hash of an integer; all 64 bits are usable.
inline uint64_t hash_integer(uint64_t value) { return hash_detail::fold_product(value ^ hash_detail::k0, hash_detail::k1); }

/// Hash of two hashes or integers, in order.
inline uint64_t hash_combine(uint64_t a, uint64_t b) { return hash_detail::fold_product(a ^ hash_detail::k0, b ^ hash_detail::k1); }

/// Hash of a run of bytes; all 64 bits are usable.
inline uint64_t hash_bytes(const char* data, size_t size) {
  using namespace hash_detail;
  uint64_t first;
  uint64_t last;
  if (size >= 8) {
    if (size > 16) {
      return hash_long(data, size);
    }
    first = load<uint64_t>(data);
    last = load<uint64_t>(data + size - 8);
  } else if (size >= 4) {
    first = load<uint32_t>(data);
    last = load<uint32_t>(data + size - 4);
  } else if (size > 0) {
    first = static_cast<uint8_t>(data[0]);
    last = static_cast<uint64_t>(static_cast<uint8_t>(data[size >> 1])) << 8 | static_cast<uint8_t>(data[size - 1]);
  } else {
    first = 0;
    last = 0;
  }
  const uint64_t mixed = fold_product(first ^ k0, last ^ k1 ^ (size * k2));
  return mixed ^ (mixed >> 29);
}

/// Hash of a string; all 64 bits are usable.
inline uint64_t hash_bytes(std::string_view text) { return hash_bytes(text.data(), text.size()); }

}  // namespace omega::base
