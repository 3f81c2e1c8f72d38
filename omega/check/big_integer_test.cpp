// SPDX-License-Identifier: Apache-2.0
#include "omega/check/big_integer.h"

#include <gtest/gtest.h>

#include <random>

namespace omega::check {
namespace {

/// Digits that reach the corners of long division: the guess too large by one and by two, and the step that adds back.
BigInteger number(std::mt19937& random, uint32_t longest) {
  static constexpr uint64_t corners[] = {0, 1, 2, 0x7fff'ffff, 0x8000'0000, 0x8000'0001, 0xffff'fffe, 0xffff'ffff};
  BigInteger result;
  for (uint32_t limbs = random() % (longest + 1); limbs > 0; --limbs) {
    const uint64_t limb = random() % 4 == 0 ? random() : corners[random() % std::size(corners)];
    result = result.shifted_left(32) + BigInteger::from_unsigned(limb);
  }
  return random() % 2 == 0 ? result : -result;
}

TEST(BigInteger, QuotientTimesDivisorPlusRemainderIsTheDividend) {
  std::mt19937 random(1);
  for (int round = 0; round < 200'000; ++round) {
    const BigInteger a = number(random, 8);
    const BigInteger b = number(random, 5);
    if (b.is_zero()) {
      continue;
    }
    BigInteger quotient, remainder;
    BigInteger::divide(a, b, quotient, remainder);
    ASSERT_TRUE(quotient * b + remainder == a) << a.text() << " / " << b.text();
    const BigInteger rest = remainder.is_negative() ? -remainder : remainder;
    ASSERT_LT(compare(rest, b.is_negative() ? -b : b), 0) << a.text() << " / " << b.text();
    ASSERT_TRUE(remainder.is_zero() || remainder.is_negative() == a.is_negative());
  }
}

TEST(BigInteger, FractionsAreInLowestTerms) {
  std::mt19937 random(2);
  for (int round = 0; round < 2'000; ++round) {
    const BigInteger a = number(random, 4);
    const BigInteger b = number(random, 4);
    const BigInteger factor = number(random, 3);
    if (b.is_zero() || factor.is_zero()) {
      continue;
    }
    const Rational plain = Rational::of(a, b);
    const Rational scaled = Rational::of(a * factor, b * factor);
    ASSERT_TRUE(plain.numerator == scaled.numerator && plain.denominator == scaled.denominator) << a.text() << " / " << b.text();
    ASSERT_FALSE(plain.denominator.is_negative());
  }
}

}  // namespace
}  // namespace omega::check
