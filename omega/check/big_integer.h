// SPDX-License-Identifier: Apache-2.0
// Integers of any size, for constant expressions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace omega::check {

/// A signed integer of any size. Operations are schoolbook: constants have hundreds of bits, at most max_bits.
class BigInteger {
 public:
  /// Beyond this, constant expressions are rejected (callers ask too_big()).
  static constexpr uint32_t max_bits = 4096;

  BigInteger() = default;
  BigInteger(int64_t value);  // NOLINT: a number is a number
  static BigInteger from_unsigned(uint64_t value);
  /// Digits of `base` (10 or 16), `_` skipped.
  static BigInteger parse(std::string_view digits, uint32_t base);
  /// 2^bits and 10^exponent.
  static BigInteger power_of_two(uint32_t bits);
  static BigInteger power_of_ten(uint32_t exponent);

  bool is_zero() const { return limbs_.empty(); }
  bool is_negative() const { return negative_; }
  bool is_odd() const { return !limbs_.empty() && (limbs_[0] & 1) != 0; }
  /// Bits of the magnitude.
  uint32_t bit_length() const;
  bool too_big() const { return bit_length() > max_bits; }
  /// True when the value fits an integer type of that width.
  bool fits(uint32_t bits, bool is_signed) const;
  bool fits_int64() const { return fits(64, true); }
  int64_t to_int64() const;
  /// Two's complement, 256 bits, little-endian.
  void to_limbs(uint64_t limbs[4]) const;
  static BigInteger from_limbs(const uint64_t limbs[4], bool is_signed);
  std::string text() const;

  BigInteger operator-() const;
  friend BigInteger operator+(const BigInteger& a, const BigInteger& b);
  friend BigInteger operator-(const BigInteger& a, const BigInteger& b) { return a + -b; }
  friend BigInteger operator*(const BigInteger& a, const BigInteger& b);
  /// Truncated quotient and remainder; `b` is not zero.
  static void divide(const BigInteger& a, const BigInteger& b, BigInteger& quotient, BigInteger& remainder);
  friend int compare(const BigInteger& a, const BigInteger& b);
  friend bool operator==(const BigInteger& a, const BigInteger& b) { return compare(a, b) == 0; }

  BigInteger shifted_left(uint32_t bits) const;
  /// Toward negative infinity.
  BigInteger shifted_right(uint32_t bits) const;

 private:
  static int compare_magnitude(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b);
  static std::vector<uint32_t> add_magnitude(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b);
  static std::vector<uint32_t> subtract_magnitude(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b);
  /// Leaves the quotient in `magnitude` and gives the remainder.
  static uint32_t divide_by_limb(std::vector<uint32_t>& magnitude, uint32_t divisor);
  /// Gives the quotient and leaves the remainder in `dividend`, which is at least as long as `divisor`; that has two limbs and more.
  static std::vector<uint32_t> divide_magnitude(std::vector<uint32_t>& dividend, const std::vector<uint32_t>& divisor);
  void trim();

  bool negative_ = false;
  std::vector<uint32_t> limbs_;  ///< little-endian, no zero at the end
};

/// An exact fraction in lowest terms, denominator positive.
struct Rational {
  BigInteger numerator;
  BigInteger denominator = 1;

  static Rational of(BigInteger numerator, BigInteger denominator);
  bool is_integer() const { return denominator == BigInteger(1); }
  bool too_big() const { return numerator.too_big() || denominator.too_big(); }
  /// Correctly rounded to a float64; to a float32 (as the double of the same value).
  double to_double() const { return round_to(53, -1074); }
  double to_float() const { return round_to(24, -149); }

 private:
  double round_to(int precision, int least_exponent) const;
};

}  // namespace omega::check
