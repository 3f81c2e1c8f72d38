// SPDX-License-Identifier: Apache-2.0
// What each byte can begin or continue, and finding where an identifier ends.
#pragma once

#include <emmintrin.h>

#include <array>
#include <bit>
#include <cstdint>

namespace omega::lex {

/// Classes of bytes; a byte has one or more.
enum CharacterClass : uint8_t {
  letter_class = 1,      ///< A-Z a-z _ $
  digit_class = 2,       ///< 0-9
  hex_digit_class = 4,   ///< 0-9 A-F a-f
  space_class = 8,       ///< space, tab, line feed, carriage return, form feed
  non_ascii_class = 16,  ///< 0x80 and above
};

namespace characters_detail {

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool digit = c >= '0' && c <= '9';
    const bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
    table[c] = static_cast<uint8_t>((lower || upper || c == '_' || c == '$' ? letter_class : 0) | (digit ? digit_class : 0) | (hex ? hex_digit_class : 0) |
                                    (space ? space_class : 0) | (c >= 0x80 ? non_ascii_class : 0));
  }
  return table;
}

}  // namespace characters_detail

inline constexpr std::array<uint8_t, 256> character_classes = characters_detail::make_classes();

/// True when the byte has any of the classes.
constexpr bool has_class(char c, unsigned classes) { return (character_classes[static_cast<uint8_t>(c)] & classes) != 0; }

/// True for bytes that continue an identifier.
constexpr bool is_identifier_part(char c) { return has_class(c, letter_class | digit_class); }

/// Where the run of identifier bytes that begins at `at` ends; at least 64 readable zero bytes must follow the text.
inline const char* identifier_end(const char* at) {
  while (true) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto in_range = [](__m128i v, char low, char count) {
      const __m128i offset = _mm_sub_epi8(v, _mm_set1_epi8(low));
      return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8(static_cast<char>(count - 1))), offset);
    };
    const __m128i letters = in_range(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26);
    const __m128i digits = in_range(bytes, '0', 10);
    const __m128i others = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('$')));
    const __m128i parts = _mm_or_si128(_mm_or_si128(letters, digits), others);
    const auto rest = ~static_cast<uint32_t>(_mm_movemask_epi8(parts)) & 0xffffu;
    if (rest != 0) {
      return at + std::countr_zero(rest);
    }
    at += 16;
  }
}

}  // namespace omega::lex
