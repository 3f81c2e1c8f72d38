// SPDX-License-Identifier: Apache-2.0
// Keywords by perfect hash: one multiplication and one 16-byte comparison, without a branch.
#pragma once

#include <emmintrin.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "omega/lex/tokens.h"

namespace omega::lex {

namespace keywords_detail {

struct Spelling {
  std::string_view text;
  TokenKind kind;
};

inline constexpr Spelling spellings[] = {
#define OMEGA_TOKEN(name, text)
#define OMEGA_KEYWORD(name, text) {text, TokenKind::name},
#include "omega/lex/token_kinds.def"
};

constexpr unsigned table_bits = 8;

constexpr uint64_t first_eight(std::string_view text) {
  uint64_t word = 0;
  for (size_t i = 0; i < text.size() && i < 8; ++i) {
    word |= static_cast<uint64_t>(static_cast<uint8_t>(text[i])) << (8 * i);
  }
  return word;
}

constexpr uint32_t slot_of(uint64_t word, uint64_t multiplier) { return static_cast<uint32_t>((word * multiplier) >> (64 - table_bits)); }

/// The first multiplier, from one that is known to do, that gives each keyword a slot of its own.
constexpr uint64_t find_multiplier() {
  constexpr size_t count = sizeof(spellings) / sizeof(spellings[0]);
  std::array<uint64_t, count> words{};
  for (size_t i = 0; i < count; ++i) {
    words[i] = first_eight(spellings[i].text);
  }
  for (uint64_t candidate = 0xbcd20d9815059c31u;; candidate = (candidate * 6364136223846793005u + 1442695040888963407u) | 1) {
    std::array<bool, 1u << table_bits> taken{};
    bool clash = false;
    for (const uint64_t word : words) {
      bool& slot = taken[slot_of(word, candidate)];
      clash |= slot;
      slot = true;
    }
    if (!clash) {
      return candidate;
    }
  }
}

inline constexpr uint64_t multiplier = find_multiplier();

struct alignas(32) Entry {
  std::array<char, 16> text{};
  TokenKind kind = TokenKind::Identifier;
};

constexpr std::array<Entry, 1u << table_bits> make_table() {
  std::array<Entry, 1u << table_bits> table{};
  for (Entry& entry : table) {
    // No identifier holds this byte, so that empty slots match nothing.
    entry.text[0] = '\x01';
  }
  for (const Spelling& spelling : spellings) {
    Entry& entry = table[slot_of(first_eight(spelling.text), multiplier)];
    entry.text[0] = '\0';
    for (size_t i = 0; i < spelling.text.size(); ++i) {
      entry.text[i] = spelling.text[i];
    }
    entry.kind = spelling.kind;
  }
  return table;
}

inline constexpr std::array<Entry, 1u << table_bits> table = make_table();

struct alignas(32) MaskSource {
  std::array<uint8_t, 32> bytes{};
};

constexpr MaskSource make_mask_source() {
  MaskSource source;
  for (size_t i = 0; i < 16; ++i) {
    source.bytes[i] = 0xff;
  }
  return source;
}

/// 16 bytes of ones, then 16 of zeros; the 16 from 16 - n on select n bytes.
inline constexpr MaskSource mask_source = make_mask_source();

}  // namespace keywords_detail

/// The longest keyword has this many bytes at most.
inline constexpr size_t longest_keyword = 16;

/// The keyword that the `size` identifier bytes at `at` spell, or Identifier. 16 bytes at `at` must be readable.
inline TokenKind keyword_kind(const char* at, size_t size) {
  using namespace keywords_detail;
  if (size > longest_keyword) [[unlikely]] {
    return TokenKind::Identifier;
  }
  const __m128i mask = _mm_loadu_si128(reinterpret_cast<const __m128i*>(mask_source.bytes.data() + 16 - size));
  const __m128i word = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), mask);
  const Entry& entry = table[slot_of(static_cast<uint64_t>(_mm_cvtsi128_si64(word)), multiplier)];
  const __m128i equal = _mm_cmpeq_epi8(word, _mm_load_si128(reinterpret_cast<const __m128i*>(entry.text.data())));
  return _mm_movemask_epi8(equal) == 0xffff ? entry.kind : TokenKind::Identifier;
}

}  // namespace omega::lex
