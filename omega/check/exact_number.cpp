// SPDX-License-Identifier: Apache-2.0
#include "omega/check/exact_number.h"

#include <algorithm>
#include <charconv>

#include "omega/base/check.h"

namespace omega::check {

using parse::BinaryOp;

namespace {

/// Far beyond what BigInteger::max_bits has room for; powers of ten up to twice this are made.
constexpr int32_t kLargestExponent = 1300;
/// Exponents and shifts are signed numbers of so many bits.
constexpr uint32_t kExponentBits = 12;
constexpr uint32_t kWordBits = 256;

Folded truth(bool value) { return {.kind = Folded::Kind::Truth, .truth = value}; }
Folded too_large() { return {.kind = Folded::Kind::TooLarge}; }

Folded number(Rational value) {
  if (value.too_big()) {
    return too_large();
  }
  return {.number = std::move(value)};
}

Folded divide(BinaryOp op, const Rational& a, const Rational& b) {
  if (b.numerator.is_zero()) {
    return {.kind = Folded::Kind::DivisionByZero};
  }
  if (op == BinaryOp::Div) {
    return number(Rational::of(a.numerator * b.denominator, a.denominator * b.numerator));
  }
  BigInteger quotient;
  BigInteger rest;
  BigInteger::divide(a.numerator * b.denominator, b.numerator * a.denominator, quotient, rest);
  return number(Rational::of(rest, a.denominator * b.denominator));
}

Folded power(const Rational& a, const Rational& b) {
  if (!b.is_integer() || !b.numerator.fits(kExponentBits, true) || (b.numerator.is_negative() && a.numerator.is_zero())) {
    return too_large();
  }
  const int64_t exponent = b.numerator.to_int64();
  const int64_t times = exponent < 0 ? -exponent : exponent;
  if (static_cast<uint64_t>(times) * std::max(a.numerator.bit_length(), a.denominator.bit_length()) > uint64_t{2} * BigInteger::max_bits) {
    return too_large();
  }
  BigInteger top = 1;
  BigInteger bottom = 1;
  for (int64_t i = 0; i < times; ++i) {
    top = top * a.numerator;
    bottom = bottom * a.denominator;
  }
  return number(exponent < 0 ? Rational::of(bottom, top) : Rational::of(top, bottom));
}

Folded shift(BinaryOp op, const Rational& a, const Rational& b) {
  if (!a.is_integer() || !b.is_integer() || b.numerator.is_negative() || !b.numerator.fits(kExponentBits, false)) {
    return too_large();
  }
  const uint32_t amount = static_cast<uint32_t>(b.numerator.to_int64());
  return number({op == BinaryOp::Shl ? a.numerator.shifted_left(amount) : a.numerator.shifted_right(amount)});
}

Folded bits(BinaryOp op, const Rational& a, const Rational& b) {
  const bool is_signed = a.numerator.is_negative() || b.numerator.is_negative();
  if (!a.is_integer() || !b.is_integer() || !a.numerator.fits(kWordBits, a.numerator.is_negative()) ||
      !b.numerator.fits(kWordBits, b.numerator.is_negative())) {
    return too_large();
  }
  uint64_t x[4];
  uint64_t y[4];
  a.numerator.to_limbs(x);
  b.numerator.to_limbs(y);
  for (int i = 0; i < 4; ++i) {
    x[i] = op == BinaryOp::BitAnd ? x[i] & y[i] : op == BinaryOp::BitOr ? x[i] | y[i] : x[i] ^ y[i];
  }
  return number({BigInteger::from_limbs(x, is_signed)});
}

}  // namespace

std::string_view without_underscores(std::string_view text, std::string& buffer) {
  if (text.find('_') == std::string_view::npos) {
    return text;
  }
  buffer.clear();
  for (const char c : text) {
    if (c != '_') {
      buffer += c;
    }
  }
  return buffer;
}

std::optional<Rational> read_decimal(std::string_view text) {
  std::string buffer;
  text = without_underscores(text, buffer);
  const size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  int32_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    digits.remove_prefix(digits.starts_with('+') ? 1 : 0);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (parsed.ec != std::errc() || exponent > kLargestExponent || exponent < -kLargestExponent) {
      return std::nullopt;
    }
  }
  const size_t dot = mantissa.find('.');
  std::string digits(mantissa.substr(0, dot));
  if (dot != std::string_view::npos) {
    digits += mantissa.substr(dot + 1);
  }
  if (digits.size() > static_cast<size_t>(kLargestExponent)) {
    return std::nullopt;
  }
  exponent -= dot == std::string_view::npos ? 0 : static_cast<int32_t>(mantissa.size() - dot - 1);
  const BigInteger number = BigInteger::parse(digits, 10);
  return exponent >= 0 ? Rational{number * BigInteger::power_of_ten(static_cast<uint32_t>(exponent))}
                       : Rational::of(number, BigInteger::power_of_ten(static_cast<uint32_t>(-exponent)));
}

int64_t unit_factor(std::string_view unit) {
  static constexpr struct {
    std::string_view name;
    int64_t factor;
  } units[] = {{"wei", 1},      {"gwei", 1'000'000'000}, {"ether", 1'000'000'000'000'000'000}, {"seconds", 1}, {"minutes", 60}, {"hours", 3600},
               {"days", 86400}, {"weeks", 604800}};
  for (const auto& known : units) {
    if (known.name == unit) {
      return known.factor;
    }
  }
  OMEGA_UNREACHABLE("the parser knows the units");
}

Folded fold(BinaryOp op, const Rational& a, const Rational& b) {
  auto order = [&] { return compare(a.numerator * b.denominator, b.numerator * a.denominator); };
  switch (op) {
    case BinaryOp::Eq: return truth(order() == 0);
    case BinaryOp::Ne: return truth(order() != 0);
    case BinaryOp::Lt: return truth(order() < 0);
    case BinaryOp::Le: return truth(order() <= 0);
    case BinaryOp::Gt: return truth(order() > 0);
    case BinaryOp::Ge: return truth(order() >= 0);
    case BinaryOp::Add: return number(Rational::of(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator));
    case BinaryOp::Sub: return number(Rational::of(a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator));
    case BinaryOp::Mul: return number(Rational::of(a.numerator * b.numerator, a.denominator * b.denominator));
    case BinaryOp::Div:
    case BinaryOp::Mod: return divide(op, a, b);
    case BinaryOp::Pow: return power(a, b);
    case BinaryOp::Shl:
    case BinaryOp::Shr:
    case BinaryOp::Sar: return shift(op, a, b);
    case BinaryOp::BitAnd:
    case BinaryOp::BitOr:
    case BinaryOp::BitXor: return bits(op, a, b);
    default: return {.kind = Folded::Kind::NoSuchOperator};
  }
}

}  // namespace omega::check
