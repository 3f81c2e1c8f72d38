// SPDX-License-Identifier: Apache-2.0
// Word: the EVM's 256-bit number, with the arithmetic that folding constants takes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace omega::codegen::evm {

/// Bytes of a word in memory.
inline constexpr uint64_t kWordBytes = 32;

/// 256 bits, little-endian limbs. Arithmetic is modulo 2^256, as the EVM's.
struct Word {
  std::array<uint64_t, 4> limbs{};

  constexpr Word() = default;
  constexpr Word(uint64_t low) : limbs{low, 0, 0, 0} {}
  /// A 64-bit number extended by its sign.
  static constexpr Word from_signed(int64_t value) {
    const uint64_t high = value < 0 ? ~uint64_t{0} : 0;
    Word word(static_cast<uint64_t>(value));
    word.limbs[1] = word.limbs[2] = word.limbs[3] = high;
    return word;
  }
  /// From big-endian bytes, at most 32: the last one is the least significant.
  static Word from_bytes(const uint8_t* bytes, size_t count);
  static Word from_bytes(std::string_view bytes) { return from_bytes(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()); }
  /// 2^bits - 1, for bits up to 256.
  static Word ones(uint32_t bits);

  [[nodiscard]] bool is_zero() const { return (limbs[0] | limbs[1] | limbs[2] | limbs[3]) == 0; }
  [[nodiscard]] bool is_negative() const { return (limbs[3] >> 63) != 0; }
  [[nodiscard]] bool fits_u64() const { return (limbs[1] | limbs[2] | limbs[3]) == 0; }
  /// Bits from the lowest to the highest that is set.
  [[nodiscard]] uint32_t bit_length() const;
  [[nodiscard]] uint32_t byte_length() const { return (bit_length() + 7) / 8; }
  /// Zero bits below the lowest that is set; 256 for zero.
  [[nodiscard]] uint32_t trailing_zeros() const;
  /// The i-th byte, 0 the least significant.
  [[nodiscard]] uint8_t byte(uint32_t i) const { return static_cast<uint8_t>(limbs[i / 8] >> (i % 8 * 8)); }
  [[nodiscard]] std::string decimal() const;

  friend bool operator==(const Word&, const Word&) = default;
};

Word operator+(const Word& a, const Word& b);
Word operator-(const Word& a, const Word& b);
Word operator*(const Word& a, const Word& b);
Word operator&(const Word& a, const Word& b);
Word operator|(const Word& a, const Word& b);
Word operator^(const Word& a, const Word& b);
Word operator~(const Word& a);
/// Unsigned.
bool operator<(const Word& a, const Word& b);
bool less_signed(const Word& a, const Word& b);
/// By any amount; from 256 on the result is zero.
Word shift_left(const Word& a, const Word& amount);
Word shift_right(const Word& a, const Word& amount);
Word shift_right_signed(const Word& a, const Word& amount);
/// Unsigned; by zero gives zero.
struct Division {
  Word quotient, remainder;
};
Division divide(const Word& a, const Word& b);
/// a to the power of b.
Word power(Word a, Word b);
/// SIGNEXTEND: the value of the lowest k + 1 bytes, extended by its sign.
Word sign_extend(const Word& k, const Word& value);

struct WordHash {
  size_t operator()(const Word& word) const;
};

}  // namespace omega::codegen::evm
