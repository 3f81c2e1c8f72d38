// SPDX-License-Identifier: Apache-2.0
// The scanner's fast lanes: 64 bytes become bit masks, masks become token starts, starts become tokens, with hardly a branch.
// Whatever is not plain (comments, strings, numbers with letters or dots, operators of three characters, mistakes) ends the plain
// part of the block and goes to scan_one().
#include <immintrin.h>

#include <algorithm>

#include "omega/lex/characters.h"
#include "omega/lex/keywords.h"
#include "omega/lex/scanner.h"

#define OMEGA_AVX2 [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]]
#define OMEGA_AVX512 [[gnu::target("avx2,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]]

namespace omega::lex {
namespace {

constexpr unsigned block_size = 64;

/// Tokens of one byte by that byte; words by their first byte.
constexpr std::array<TokenKind, 256> make_single_kinds() {
  std::array<TokenKind, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    table[c] = digit ? TokenKind::Integer : TokenKind::Identifier;
  }
  constexpr struct {
    std::string_view text;
    TokenKind kind;
  } spellings[] = {
#define OMEGA_TOKEN(name, text) {text, TokenKind::name},
#define OMEGA_KEYWORD(name, text)
#include "omega/lex/token_kinds.def"
  };
  for (const auto& spelling : spellings) {
    if (spelling.text.size() == 1) {
      table[static_cast<uint8_t>(spelling.text[0])] = spelling.kind;
    }
  }
  return table;
}

constexpr std::array<TokenKind, 256> single_kinds = make_single_kinds();

/// A small number for each character of a two-character operator, 0 for others.
constexpr std::string_view pair_characters = "\x01+-*/%&|^<>!=@";

constexpr std::array<uint8_t, 256> make_pair_classes() {
  std::array<uint8_t, 256> table{};
  for (size_t i = 1; i < pair_characters.size(); ++i) {
    table[static_cast<uint8_t>(pair_characters[i])] = static_cast<uint8_t>(i);
  }
  return table;
}

constexpr std::array<uint8_t, 256> pair_classes = make_pair_classes();

/// The token that two characters make, by their classes; Invalid where they are two tokens.
constexpr std::array<TokenKind, 256> make_pair_kinds() {
  std::array<TokenKind, 256> table{};
  for (TokenKind& kind : table) {
    kind = TokenKind::Invalid;
  }
  constexpr struct {
    std::string_view text;
    TokenKind kind;
  } spellings[] = {
#define OMEGA_TOKEN(name, text) {text, TokenKind::name},
#define OMEGA_KEYWORD(name, text)
#include "omega/lex/token_kinds.def"
  };
  for (const auto& spelling : spellings) {
    if (spelling.text.size() == 2) {
      table[static_cast<size_t>(pair_classes[static_cast<uint8_t>(spelling.text[0])] * 16 + pair_classes[static_cast<uint8_t>(spelling.text[1])])] =
          spelling.kind;
    }
  }
  return table;
}

constexpr std::array<TokenKind, 256> pair_kinds = make_pair_kinds();

TokenKind pair_kind(const char* at) {
  return pair_kinds[static_cast<size_t>(pair_classes[static_cast<uint8_t>(at[0])] * 16 + pair_classes[static_cast<uint8_t>(at[1])])];
}

/// What the 64 bytes of a block are, one bit a byte.
struct Masks {
  uint64_t identifier;  ///< parts of identifiers and numbers
  uint64_t digit;
  uint64_t lower;  ///< a to z
  uint64_t space;
  uint64_t newline;
  uint64_t combining;  ///< operators that may join with the next character
  uint64_t op;         ///< all operator characters but `@`
  uint64_t slash;
  uint64_t dot;
  uint64_t zero;  ///< the digit 0
};

struct VectorClasses {
  __m256i identifier;
  __m256i digit;
  __m256i lower;
  __m256i space;
  __m256i newline;
  __m256i combining;
  __m256i not_op;
  __m256i slash;
  __m256i dot;
  __m256i zero;
};

OMEGA_AVX2 inline __m256i in_range(__m256i bytes, char low, char count) {
  const __m256i offset = _mm256_sub_epi8(bytes, _mm256_set1_epi8(low));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(offset, _mm256_set1_epi8(static_cast<char>(count - 1))), offset);
}

OMEGA_AVX2 inline __m256i equals(__m256i bytes, char c) { return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)); }

OMEGA_AVX2 inline VectorClasses classify(__m256i bytes) {
  VectorClasses classes;
  classes.lower = in_range(bytes, 'a', 26);
  classes.digit = in_range(bytes, '0', 10);
  const __m256i letter = in_range(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), 'a', 26);
  const __m256i others = _mm256_or_si256(equals(bytes, '_'), equals(bytes, '$'));
  classes.identifier = _mm256_or_si256(_mm256_or_si256(letter, classes.digit), others);

  // Each white-space byte at the index of its low half; bytes that are equal to their entry are white space.
  const __m256i spaces = _mm256_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, '\f', '\r', 0, 0,  //
                                          ' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, '\f', '\r', 0, 0);
  classes.space = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(spaces, bytes), bytes);
  classes.newline = equals(bytes, '\n');

  // Operators by halves of the byte. Upper half 2, 3, 5, 7 has bits 0 to 3 for those that combine and 4 to 7 for those that do not:
  //   2: ! % & * + - . /   and ( ) ,      3: < = >   and : ; ?      5: ^   and [ ]      7: |   and { } ~
  const __m256i upper_bits = _mm256_setr_epi8(0, 0, 0x11, 0x22, 0, 0x44, 0, char(0x88), 0, 0, 0, 0, 0, 0, 0, 0,  //
                                              0, 0, 0x11, 0x22, 0, 0x44, 0, char(0x88), 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i lower_bits = _mm256_setr_epi8(0, 0x01, 0, 0, 0, 0x01, 0x01, 0, 0x10, 0x10, 0x01 | 0x20, char(0x01 | 0x20 | 0x40 | 0x80), 0x10 | 0x02 | 0x08,
                                              char(0x01 | 0x02 | 0x40 | 0x80), char(0x01 | 0x02 | 0x04 | 0x80), 0x01 | 0x20,  //
                                              0, 0x01, 0, 0, 0, 0x01, 0x01, 0, 0x10, 0x10, 0x01 | 0x20, char(0x01 | 0x20 | 0x40 | 0x80), 0x10 | 0x02 | 0x08,
                                              char(0x01 | 0x02 | 0x40 | 0x80), char(0x01 | 0x02 | 0x04 | 0x80), 0x01 | 0x20);
  const __m256i upper_half = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
  const __m256i op_bits = _mm256_and_si256(_mm256_shuffle_epi8(upper_bits, upper_half), _mm256_shuffle_epi8(lower_bits, bytes));
  classes.not_op = _mm256_cmpeq_epi8(op_bits, _mm256_setzero_si256());
  classes.combining = _mm256_cmpgt_epi8(_mm256_and_si256(op_bits, _mm256_set1_epi8(0x0f)), _mm256_setzero_si256());
  classes.slash = equals(bytes, '/');
  classes.dot = equals(bytes, '.');
  classes.zero = equals(bytes, '0');
  return classes;
}

OMEGA_AVX2 inline uint64_t join(__m256i low, __m256i high) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(low)) | static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

OMEGA_AVX2 inline Masks masks_of(const char* at) {
  const VectorClasses low = classify(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
  const VectorClasses high = classify(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32)));
  return {join(low.identifier, high.identifier),
          join(low.digit, high.digit),
          join(low.lower, high.lower),
          join(low.space, high.space),
          join(low.newline, high.newline),
          join(low.combining, high.combining),
          ~join(low.not_op, high.not_op),
          join(low.slash, high.slash),
          join(low.dot, high.dot),
          join(low.zero, high.zero)};
}

/// The first number that is more than digits, as the bit of its first byte; 0 when there is none.
OMEGA_AVX2 inline uint64_t first_odd_number(const Masks& m, uint64_t word_starts) {
  const uint64_t numbers = word_starts & m.digit;
  // The addition clears each number's run of bits and sets the bit after it.
  const uint64_t sum = m.identifier + numbers;
  const uint64_t with_letters = m.identifier & ~sum & ~m.digit;
  const uint64_t before_dot = sum & ~m.identifier & m.dot;
  const uint64_t leading_zeros = numbers & m.zero & m.digit >> 1;
  const uint64_t odd = with_letters | before_dot | leading_zeros;
  if (odd == 0) {
    return 0;
  }
  const uint64_t up_to_first = odd ^ (odd - 1);
  return uint64_t{1} << (63 - _lzcnt_u64(numbers & up_to_first));
}

/// What becomes of a block.
struct BlockPlan {
  uint64_t cut;    ///< bytes that are taken
  uint64_t plain;  ///< of them, one bit each
  uint64_t word_starts;
  uint64_t starts;         ///< of tokens
  uint64_t joined;         ///< starts of two characters that make one token
  uint64_t after_newline;  ///< starts behind a line end
  bool stopped;            ///< what follows is not plain
};

/// `left`: bytes to the range's end. `newline`: a line end stands before the block, then before what follows it.
[[gnu::always_inline]] OMEGA_AVX2 inline BlockPlan plan_block(const Masks& m, const char* at, uint64_t left, bool& newline) {
  BlockPlan plan;
  plan.word_starts = m.identifier & ~(m.identifier << 1);
  const uint64_t unknown = ~(m.identifier | m.space | m.op);
  const uint64_t runs_of_three = m.combining & m.combining >> 1 & m.combining >> 2;
  uint64_t attention = unknown | runs_of_three | (m.slash & m.combining >> 1) | (m.dot & m.digit >> 1);
  attention |= first_odd_number(m, plan.word_starts);

  // The plain part ends where no token can be cut in two: at the range's end, before white space, after an operator that stands alone.
  uint64_t cut = left;
  if (left >= block_size) {
    const uint64_t borders = (m.space | (m.op & ~m.combining) << 1) & ~uint64_t{1};
    cut = borders == 0 ? 0 : 63 - _lzcnt_u64(borders);
  }
  const uint64_t first_attention = _tzcnt_u64(attention);
  plan.stopped = first_attention <= cut && first_attention < left;
  plan.cut = std::min(cut, first_attention);
  plan.plain = _bzhi_u64(~uint64_t{0}, static_cast<unsigned>(plan.cut));

  plan.starts = (plan.word_starts | m.op) & plan.plain;
  plan.joined = 0;
  for (uint64_t pairs = m.combining & m.combining >> 1 & ~(m.combining << 1) & plan.plain; pairs != 0; pairs &= pairs - 1) {
    const uint64_t bit = pairs & -pairs;
    plan.joined |= pair_kind(at + _tzcnt_u64(pairs)) != TokenKind::Invalid ? bit : 0;
  }
  plan.starts &= ~(plan.joined << 1);

  // Line ends are added to the gaps between starts: the carry runs through the gap and sets the bit of the start after it.
  const uint64_t gaps = ~plan.starts;
  uint64_t carried = 0;
  const bool over_first = __builtin_add_overflow(gaps, m.newline & plan.plain, &carried);
  const bool over_second = __builtin_add_overflow(carried, static_cast<uint64_t>(newline), &carried);
  plan.after_newline = carried & plan.starts;
  newline = over_first || over_second;
  return plan;
}

/// Puts right the kinds of operators of two characters and of keywords.
[[gnu::always_inline]] OMEGA_AVX2 inline void mend_kinds(const BlockPlan& plan, const Masks& m, const char* at, TokenKind* kinds) {
  for (uint64_t joined = plan.joined; joined != 0; joined &= joined - 1) {
    kinds[_mm_popcnt_u64(plan.starts & (joined ^ (joined - 1))) - 1] = pair_kind(at + _tzcnt_u64(joined));
  }
  // Keywords are words of lower-case letters only: the addition carries through those letters and sets the bit after them.
  const uint64_t lower_starts = plan.word_starts & m.lower & m.lower >> 1;
  for (uint64_t ends = (m.lower + lower_starts) & ~m.lower & ~m.identifier & (plan.plain << 1 | 1); ends != 0; ends &= ends - 1) {
    const uint64_t starts_before = lower_starts & (ends ^ (ends - 1));
    const uint64_t place = 63 - _lzcnt_u64(starts_before);
    const uint64_t size = _tzcnt_u64(ends) - place;
    kinds[_mm_popcnt_u64(plan.starts & _bzhi_u64(~uint64_t{0}, static_cast<unsigned>(place)))] = keyword_kind(at + place, size);
  }
}

/// What the wide lane knows of each character, as bits.
enum WideClass : uint8_t { wide_identifier = 1, wide_digit = 2, wide_lower = 4, wide_space = 8, wide_combining = 16, wide_op = 32 };

constexpr std::array<uint8_t, 128> make_wide_classes() {
  std::array<uint8_t, 128> table{};
  for (unsigned c = 0; c < 128; ++c) {
    const uint8_t classes = character_classes[c];
    table[c] = static_cast<uint8_t>(((classes & (letter_class | digit_class)) != 0 ? wide_identifier : 0) | ((classes & digit_class) != 0 ? wide_digit : 0) |
                                    (c >= 'a' && c <= 'z' ? wide_lower : 0) | ((classes & space_class) != 0 ? wide_space : 0));
  }
  for (const char c : std::string_view("!%&*+-./<=>^|")) {
    table[static_cast<uint8_t>(c)] = wide_combining | wide_op;
  }
  for (const char c : std::string_view("(),:;?[]{}~")) {
    table[static_cast<uint8_t>(c)] = wide_op;
  }
  return table;
}

alignas(64) constexpr std::array<uint8_t, 128> wide_classes = make_wide_classes();
alignas(64) constexpr std::array<uint8_t, 64> wide_places = [] {
  std::array<uint8_t, 64> places{};
  for (uint8_t i = 0; i < 64; ++i) {
    places[i] = i;
  }
  return places;
}();

/// An entry of a table of 128 for each byte below 128, 0 for the others.
OMEGA_AVX512 inline __m512i look_up(const void* table, __m512i bytes) {
  const auto* const halves = static_cast<const __m512i*>(table);
  return _mm512_maskz_permutex2var_epi8(~_mm512_movepi8_mask(bytes), _mm512_loadu_si512(halves), bytes, _mm512_loadu_si512(halves + 1));
}

OMEGA_AVX512 inline Masks wide_masks_of(__m512i bytes) {
  const __m512i classes = look_up(wide_classes.data(), bytes);
  return {_mm512_test_epi8_mask(classes, _mm512_set1_epi8(wide_identifier)),
          _mm512_test_epi8_mask(classes, _mm512_set1_epi8(wide_digit)),
          _mm512_test_epi8_mask(classes, _mm512_set1_epi8(wide_lower)),
          _mm512_test_epi8_mask(classes, _mm512_set1_epi8(wide_space)),
          _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n')),
          _mm512_test_epi8_mask(classes, _mm512_set1_epi8(wide_combining)),
          _mm512_test_epi8_mask(classes, _mm512_set1_epi8(wide_op)),
          _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('/')),
          _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('.')),
          _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('0'))};
}

/// Writes the tokens that begin at `plan.starts`; there is room for 64.
OMEGA_AVX512 inline void put_wide(__m512i bytes, const BlockPlan& plan, size_t count, uint32_t base, TokenKind* kinds, uint32_t* offsets) {
  constexpr char newline_flag = char(0x80);
  constexpr __mmask16 every = 0xffff;
  _mm512_storeu_si512(kinds, _mm512_maskz_compress_epi8(plan.starts, look_up(single_kinds.data(), bytes)));
  const __m512i flags = _mm512_maskz_set1_epi8(plan.after_newline, newline_flag);
  alignas(64) std::array<uint8_t, 64> places;
  _mm512_store_si512(places.data(), _mm512_maskz_compress_epi8(plan.starts, _mm512_or_si512(_mm512_load_si512(wide_places.data()), flags)));
  const __m512i bases = _mm512_set1_epi32(static_cast<int>(base));
  for (size_t i = 0; i < count; i += 16) {
    // With masks of all ones: GCC 12 warns of the forms without.
    const __m512i place = _mm512_maskz_cvtepu8_epi32(every, _mm_load_si128(reinterpret_cast<const __m128i*>(places.data() + i)));
    const __m512i flag = _mm512_maskz_slli_epi32(every, _mm512_and_si512(place, _mm512_set1_epi32(0x80)), 24);
    const __m512i offset = _mm512_add_epi32(_mm512_and_si512(place, _mm512_set1_epi32(0x3f)), bases);
    _mm512_storeu_si512(offsets + i, _mm512_or_si512(offset, flag));
  }
}

}  // namespace

Lane fastest_lane() {
  static const Lane lane = [] {
    const bool fast = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
                      __builtin_cpu_supports("lzcnt") != 0 && __builtin_cpu_supports("popcnt") != 0;
    const bool wide = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
                      __builtin_cpu_supports("avx512vbmi") != 0 && __builtin_cpu_supports("avx512vbmi2") != 0;
    return !fast ? Lane::tokenwise : wide ? Lane::wide : Lane::blockwise;
  }();
  return lane;
}

OMEGA_AVX2 void Scanner::run_blockwise() {
  while (at_ < end_) {
    const char* const at = at_;
    const Masks m = masks_of(at);
    const BlockPlan plan = plan_block(m, at, static_cast<uint64_t>(end_ - at), newline_);
    const auto count = static_cast<size_t>(_mm_popcnt_u64(plan.starts));
    reserve_more(block_size);
    const size_t first = out_.kinds.size();
    TokenKind* const kinds = out_.kinds.data() + first;
    uint32_t* const offsets = out_.offsets.data() + first;
    const auto base = static_cast<uint32_t>(at - text_);
    // Eight at a time; what is written past the last one is overwritten later.
    uint64_t rest = plan.starts;
    for (size_t i = 0; i < count; i += 8) {
#pragma GCC unroll 8
      for (size_t k = 0; k < 8; ++k) {
        const uint64_t place = _tzcnt_u64(rest);
        rest &= rest - 1;
        kinds[i + k] = single_kinds[static_cast<uint8_t>(at[place])];
        offsets[i + k] = (base + static_cast<uint32_t>(place)) | static_cast<uint32_t>(plan.after_newline >> (place & 63)) << 31;
      }
    }
    mend_kinds(plan, m, at, kinds);
    out_.kinds.resize(first + count);
    out_.offsets.resize(first + count);
    at_ = at + plan.cut;
    if (plan.stopped || plan.cut == 0) {
      scan_one();
    }
  }
}

OMEGA_AVX512 void Scanner::run_wide() {
  while (at_ < end_) {
    const char* const at = at_;
    const __m512i bytes = _mm512_loadu_si512(at);
    const Masks m = wide_masks_of(bytes);
    const BlockPlan plan = plan_block(m, at, static_cast<uint64_t>(end_ - at), newline_);
    const auto count = static_cast<size_t>(_mm_popcnt_u64(plan.starts));
    reserve_more(block_size);
    const size_t first = out_.kinds.size();
    TokenKind* const kinds = out_.kinds.data() + first;
    put_wide(bytes, plan, count, static_cast<uint32_t>(at - text_), kinds, out_.offsets.data() + first);
    mend_kinds(plan, m, at, kinds);
    out_.kinds.resize(first + count);
    out_.offsets.resize(first + count);
    at_ = at + plan.cut;
    if (plan.stopped || plan.cut == 0) {
      scan_one();
    }
  }
}

}  // namespace omega::lex
