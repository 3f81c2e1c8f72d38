// SPDX-License-Identifier: Apache-2.0
// Identifiers of source text to interned names, with the recent ones at hand.
#pragma once

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "omega/base/interner.h"
#include "omega/base/pod_vector.h"

namespace omega::parse {

/// Up to 16 bytes of an identifier, zeros behind; identifiers hold no zero byte, so equal words are equal texts.
struct Word {
  uint64_t low;
  uint64_t high;
  uint32_t size;  ///< 16: the identifier may be longer

  friend bool operator==(const Word& a, const Word& b) { return a.low == b.low && a.high == b.high; }
};

/// The identifier at `text`, of which 16 bytes must be readable.
inline Word load_word(const char* text) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i letter = _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
  const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
  const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
  const __m128i is_other = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('$')));
  const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is_letter, is_digit), is_other)));
  const auto size = static_cast<uint32_t>(std::countr_one(mask));
  alignas(16) static constexpr uint8_t keep[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  const __m128i kept = _mm_and_si128(bytes, _mm_loadu_si128(reinterpret_cast<const __m128i*>(keep + 16 - size)));
  Word word;
  word.low = static_cast<uint64_t>(_mm_cvtsi128_si64(kept));
  word.high = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(kept, kept)));
  word.size = size;
  return word;
}

/// A Word made from a literal of at most 15 characters, to compare with.
constexpr Word word_of(std::string_view text) {
  Word word{0, 0, static_cast<uint32_t>(text.size())};
  for (size_t i = 0; i < text.size(); ++i) {
    (i < 8 ? word.low : word.high) |= uint64_t{static_cast<uint8_t>(text[i])} << (i % 8 * 8);
  }
  return word;
}

/// A direct-mapped table in front of an interner: the names of several functions, where a first-level cache holds those of one. One per parser;
/// not thread-safe.
class NameCache {
 public:
  /// For at most about `names_expected` different names, which are many where the table has its full size.
  NameCache(base::NameInterner& names, uint32_t names_expected) : names_(names) {
    const uint32_t bits = std::clamp<uint32_t>(static_cast<uint32_t>(std::bit_width(names_expected)), 6, 12);
    shift_ = 64 - bits;
    keys_.resize(size_t{1} << bits, Key{});
    found_.resize(size_t{1} << bits);
  }

  /// The name at `text`, of which 16 bytes beyond its end must be readable.
  uint32_t intern(const char* text) { return intern(text, load_word(text)); }

  /// The same where load_word() has been asked already.
  uint32_t intern(const char* text, const Word& word) {
    if (word.size == 16) [[unlikely]] {
      return intern_long(text);
    }
    const uint32_t place = place_of(word);
    const Key& key = keys_[place];
    if (((key.low ^ word.low) | (key.high ^ word.high)) == 0) [[likely]] {
      return found_[place];
    }
    return intern_new(text, word, place);
  }

 private:
  struct alignas(16) Key {
    uint64_t low = 0;
    uint64_t high = 0;
  };

  [[nodiscard]] uint32_t place_of(const Word& word) const {
    return static_cast<uint32_t>(((word.low ^ std::rotl(word.high, 29)) * 0x9e3779b97f4a7c15u) >> shift_);
  }

  [[gnu::noinline]] uint32_t intern_new(const char* text, const Word& word, uint32_t place) {
    keys_[place] = {word.low, word.high};
    return found_[place] = names_.intern_padded(text, word.size).index;
  }

  [[gnu::noinline]] uint32_t intern_long(const char* text) {
    size_t size = 16;
    for (;; size += 16) {
      const Word word = load_word(text + size);
      if (word.size < 16) {
        return names_.intern({text, size + word.size}).index;
      }
    }
  }

  base::NameInterner& names_;
  uint32_t shift_;
  base::PodVector<Key> keys_;
  base::PodVector<uint32_t> found_;
};

}  // namespace omega::parse
