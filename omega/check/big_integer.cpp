// SPDX-License-Identifier: Apache-2.0
// Schoolbook arithmetic on 32-bit limbs.
#include "omega/check/big_integer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "omega/base/check.h"

namespace omega::check {

using Limbs = std::vector<uint32_t>;

BigInteger::BigInteger(int64_t value) : negative_(value < 0) {
  uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  for (; magnitude != 0; magnitude >>= 32) {
    limbs_.push_back(static_cast<uint32_t>(magnitude));
  }
}

BigInteger BigInteger::from_unsigned(uint64_t value) {
  BigInteger result;
  for (; value != 0; value >>= 32) {
    result.limbs_.push_back(static_cast<uint32_t>(value));
  }
  return result;
}

BigInteger BigInteger::parse(std::string_view digits, uint32_t base) {
  BigInteger result;
  for (char c : digits) {
    if (c == '_') {
      continue;
    }
    const uint32_t lower = static_cast<uint32_t>(c) | 0x20;
    uint64_t carry = lower >= 'a' ? lower - 'a' + 10 : static_cast<uint32_t>(c - '0');
    for (uint32_t& limb : result.limbs_) {
      carry += uint64_t{limb} * base;
      limb = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) {
      result.limbs_.push_back(static_cast<uint32_t>(carry));
    }
    if (result.limbs_.size() > max_bits / 32 + 1) {
      break;  // too_big() already, and stays so
    }
  }
  return result;
}

BigInteger BigInteger::power_of_two(uint32_t bits) { return BigInteger(1).shifted_left(bits); }

BigInteger BigInteger::power_of_ten(uint32_t exponent) {
  BigInteger result = 1;
  BigInteger square = 10;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) {
      result = result * square;
    }
    if (exponent > 1) {
      square = square * square;
    }
  }
  return result;
}

void BigInteger::trim() {
  while (!limbs_.empty() && limbs_.back() == 0) {
    limbs_.pop_back();
  }
  if (limbs_.empty()) {
    negative_ = false;
  }
}

uint32_t BigInteger::bit_length() const {
  return limbs_.empty() ? 0 : static_cast<uint32_t>(limbs_.size()) * 32 - static_cast<uint32_t>(std::countl_zero(limbs_.back()));
}

bool BigInteger::fits(uint32_t bits, bool is_signed) const {
  if (!is_signed) {
    return !negative_ && bit_length() <= bits;
  }
  if (!negative_) {
    return bit_length() <= bits - 1;
  }
  return compare(*this, -power_of_two(bits - 1)) >= 0;
}

int64_t BigInteger::to_int64() const {
  uint64_t magnitude = limbs_.empty() ? 0 : limbs_[0];
  if (limbs_.size() > 1) {
    magnitude |= static_cast<uint64_t>(limbs_[1]) << 32;
  }
  return static_cast<int64_t>(negative_ ? 0 - magnitude : magnitude);
}

void BigInteger::to_limbs(uint64_t limbs[4]) const {
  uint64_t carry = negative_ ? 1 : 0;
  for (size_t i = 0; i < 4; ++i) {
    uint64_t word = i * 2 < limbs_.size() ? limbs_[i * 2] : 0;
    if (i * 2 + 1 < limbs_.size()) {
      word |= static_cast<uint64_t>(limbs_[i * 2 + 1]) << 32;
    }
    if (negative_) {
      word = ~word + carry;
      carry = carry != 0 && word == 0 ? 1 : 0;
    }
    limbs[i] = word;
  }
}

BigInteger BigInteger::from_limbs(const uint64_t limbs[4], bool is_signed) {
  BigInteger result;
  for (size_t i = 0; i < 4; ++i) {
    result.limbs_.push_back(static_cast<uint32_t>(limbs[i]));
    result.limbs_.push_back(static_cast<uint32_t>(limbs[i] >> 32));
  }
  result.trim();
  return is_signed && (limbs[3] >> 63) != 0 ? result - power_of_two(256) : result;
}

std::string BigInteger::text() const {
  if (is_zero()) {
    return "0";
  }
  std::string digits;
  Limbs rest = limbs_;
  while (!rest.empty()) {
    uint64_t remainder = 0;
    for (size_t i = rest.size(); i-- > 0;) {
      remainder = remainder << 32 | rest[i];
      rest[i] = static_cast<uint32_t>(remainder / 10);
      remainder %= 10;
    }
    digits += static_cast<char>('0' + remainder);
    while (!rest.empty() && rest.back() == 0) {
      rest.pop_back();
    }
  }
  if (negative_) {
    digits += '-';
  }
  std::reverse(digits.begin(), digits.end());
  return digits;
}

BigInteger BigInteger::operator-() const {
  BigInteger result = *this;
  result.negative_ = !negative_ && !limbs_.empty();
  return result;
}

int BigInteger::compare_magnitude(const Limbs& a, const Limbs& b) {
  if (a.size() != b.size()) {
    return a.size() < b.size() ? -1 : 1;
  }
  for (size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) {
      return a[i] < b[i] ? -1 : 1;
    }
  }
  return 0;
}

Limbs BigInteger::add_magnitude(const Limbs& a, const Limbs& b) {
  Limbs sum;
  uint64_t carry = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
    carry += (i < a.size() ? a[i] : 0ull) + (i < b.size() ? b[i] : 0ull);
    sum.push_back(static_cast<uint32_t>(carry));
    carry >>= 32;
  }
  return sum;
}

Limbs BigInteger::subtract_magnitude(const Limbs& a, const Limbs& b) {
  Limbs difference = a;
  int64_t borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    borrow += static_cast<int64_t>(a[i]) - (i < b.size() ? static_cast<int64_t>(b[i]) : 0);
    difference[i] = static_cast<uint32_t>(borrow);
    borrow >>= 32;
  }
  return difference;
}

BigInteger operator+(const BigInteger& a, const BigInteger& b) {
  BigInteger sum;
  if (a.negative_ == b.negative_) {
    sum.limbs_ = BigInteger::add_magnitude(a.limbs_, b.limbs_);
    sum.negative_ = a.negative_;
  } else if (BigInteger::compare_magnitude(a.limbs_, b.limbs_) >= 0) {
    sum.limbs_ = BigInteger::subtract_magnitude(a.limbs_, b.limbs_);
    sum.negative_ = a.negative_;
  } else {
    sum.limbs_ = BigInteger::subtract_magnitude(b.limbs_, a.limbs_);
    sum.negative_ = b.negative_;
  }
  sum.trim();
  return sum;
}

BigInteger operator*(const BigInteger& a, const BigInteger& b) {
  BigInteger product;
  product.limbs_.resize(a.limbs_.size() + b.limbs_.size());
  for (size_t i = 0; i < a.limbs_.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < b.limbs_.size(); ++j) {
      carry += static_cast<uint64_t>(a.limbs_[i]) * b.limbs_[j] + product.limbs_[i + j];
      product.limbs_[i + j] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    product.limbs_[i + b.limbs_.size()] = static_cast<uint32_t>(carry);
  }
  product.negative_ = a.negative_ != b.negative_;
  product.trim();
  return product;
}

uint32_t BigInteger::divide_by_limb(Limbs& magnitude, uint32_t divisor) {
  uint64_t rest = 0;
  for (size_t i = magnitude.size(); i-- > 0;) {
    rest = rest << 32 | magnitude[i];
    magnitude[i] = static_cast<uint32_t>(rest / divisor);
    rest %= divisor;
  }
  return static_cast<uint32_t>(rest);
}

// Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D.
Limbs BigInteger::divide_magnitude(Limbs& dividend, const Limbs& divisor) {
  const size_t n = divisor.size();
  const size_t m = dividend.size() - n;
  const unsigned shift = static_cast<unsigned>(std::countl_zero(divisor.back()));
  auto shifted = [shift](const Limbs& limbs, size_t i) {
    const uint64_t low = i == 0 ? 0 : limbs[i - 1];
    return static_cast<uint32_t>((static_cast<uint64_t>(limbs[i]) << 32 | low) << shift >> 32);
  };
  Limbs v(n), u(dividend.size() + 1), quotient(m + 1);
  for (size_t i = 0; i < n; ++i) {
    v[i] = shifted(divisor, i);
  }
  u[dividend.size()] = static_cast<uint32_t>((static_cast<uint64_t>(dividend.back()) << shift) >> 32);
  for (size_t i = 0; i < dividend.size(); ++i) {
    u[i] = shifted(dividend, i);
  }
  for (size_t j = m + 1; j-- > 0;) {
    const uint64_t top = static_cast<uint64_t>(u[j + n]) << 32 | u[j + n - 1];
    uint64_t q = top / v[n - 1];
    uint64_t rest = top % v[n - 1];
    while (q >> 32 != 0 || q * v[n - 2] > (rest << 32 | u[j + n - 2])) {
      --q;
      rest += v[n - 1];
      if (rest >> 32 != 0) {
        break;
      }
    }
    int64_t borrow = 0;
    uint64_t carry = 0;
    for (size_t i = 0; i < n; ++i) {
      carry += q * v[i];
      borrow += static_cast<int64_t>(u[i + j]) - static_cast<int64_t>(carry & UINT32_MAX);
      u[i + j] = static_cast<uint32_t>(borrow);
      borrow >>= 32;
      carry >>= 32;
    }
    borrow += static_cast<int64_t>(u[j + n]) - static_cast<int64_t>(carry);
    u[j + n] = static_cast<uint32_t>(borrow);
    if (borrow < 0) {  // the guess was one too much
      --q;
      uint64_t sum = 0;
      for (size_t i = 0; i < n; ++i) {
        sum += static_cast<uint64_t>(u[i + j]) + v[i];
        u[i + j] = static_cast<uint32_t>(sum);
        sum >>= 32;
      }
      u[j + n] += static_cast<uint32_t>(sum);
    }
    quotient[j] = static_cast<uint32_t>(q);
  }
  for (size_t i = 0; i < n; ++i) {
    u[i] = static_cast<uint32_t>((static_cast<uint64_t>(u[i + 1]) << 32 | u[i]) >> shift);
  }
  u.resize(n);
  dividend = std::move(u);
  return quotient;
}

void BigInteger::divide(const BigInteger& a, const BigInteger& b, BigInteger& quotient, BigInteger& remainder) {
  OMEGA_CHECK(!b.is_zero(), "division of constants by zero");
  BigInteger q;
  BigInteger r;
  if (b.limbs_.size() == 1) {
    q.limbs_ = a.limbs_;
    r = from_unsigned(divide_by_limb(q.limbs_, b.limbs_[0]));
  } else {
    r.limbs_ = a.limbs_;
    if (a.limbs_.size() >= b.limbs_.size()) {
      q.limbs_ = divide_magnitude(r.limbs_, b.limbs_);
    }
  }
  q.negative_ = a.negative_ != b.negative_;
  r.negative_ = a.negative_;
  q.trim();
  r.trim();
  quotient = std::move(q);
  remainder = std::move(r);
}

int compare(const BigInteger& a, const BigInteger& b) {
  if (a.negative_ != b.negative_) {
    return a.negative_ ? -1 : 1;
  }
  const int order = BigInteger::compare_magnitude(a.limbs_, b.limbs_);
  return a.negative_ ? -order : order;
}

BigInteger BigInteger::shifted_left(uint32_t bits) const {
  if (limbs_.empty()) {
    return *this;
  }
  BigInteger result;
  result.limbs_.assign(bits / 32, 0);
  uint64_t carry = 0;
  for (uint32_t limb : limbs_) {
    carry |= static_cast<uint64_t>(limb) << (bits % 32);
    result.limbs_.push_back(static_cast<uint32_t>(carry));
    carry >>= 32;
  }
  result.limbs_.push_back(static_cast<uint32_t>(carry));
  result.negative_ = negative_;
  result.trim();
  return result;
}

BigInteger BigInteger::shifted_right(uint32_t bits) const {
  BigInteger quotient;
  BigInteger remainder;
  divide(*this, power_of_two(bits), quotient, remainder);
  return remainder.negative_ ? quotient - BigInteger(1) : quotient;
}

Rational Rational::of(BigInteger numerator, BigInteger denominator) {
  if (denominator.is_negative()) {
    numerator = -numerator;
    denominator = -denominator;
  }
  if (denominator == BigInteger(1)) {
    return {std::move(numerator), std::move(denominator)};
  }
  BigInteger a = numerator.is_negative() ? -numerator : numerator;
  BigInteger b = denominator;
  BigInteger quotient;
  while (!b.is_zero()) {
    BigInteger rest;
    BigInteger::divide(a, b, quotient, rest);
    a = std::move(b);
    b = std::move(rest);
  }
  if (!(a == BigInteger(1))) {
    BigInteger rest;
    BigInteger::divide(numerator, a, numerator, rest);
    BigInteger::divide(denominator, a, denominator, rest);
  }
  return {std::move(numerator), std::move(denominator)};
}

double Rational::round_to(int precision, int least_exponent) const {
  if (numerator.is_zero()) {
    return 0;
  }
  const BigInteger magnitude = numerator.is_negative() ? -numerator : numerator;
  // The quotient gets `precision` or `precision + 1` bits in front of the binary point, fewer where the result is subnormal.
  int exponent = static_cast<int>(magnitude.bit_length()) - static_cast<int>(denominator.bit_length()) - precision;
  for (;;) {
    exponent = std::max(exponent, least_exponent);
    BigInteger quotient;
    BigInteger rest;
    const BigInteger scaled = exponent < 0 ? magnitude.shifted_left(static_cast<uint32_t>(-exponent)) : magnitude;
    const BigInteger divisor = exponent > 0 ? denominator.shifted_left(static_cast<uint32_t>(exponent)) : denominator;
    BigInteger::divide(scaled, divisor, quotient, rest);
    if (static_cast<int>(quotient.bit_length()) > precision) {
      ++exponent;
      continue;
    }
    const int half = compare(rest.shifted_left(1), divisor);
    if (half > 0 || (half == 0 && quotient.is_odd())) {
      quotient = quotient + BigInteger(1);
    }
    const double result = std::ldexp(static_cast<double>(quotient.to_int64()), exponent);
    return numerator.is_negative() ? -result : result;
  }
}

}  // namespace omega::check
