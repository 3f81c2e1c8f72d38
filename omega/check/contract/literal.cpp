// SPDX-License-Identifier: Apache-2.0
// Literals, and arithmetic on them, which is exact.
#include <charconv>

#include "omega/check/contract/contract_checker.h"

namespace omega::check::contract {

using diag::Kind;
using parse::BinaryOp;

namespace {

constexpr int32_t kLargestExponent = 1000;
constexpr uint32_t kMostDigits = 1300;

std::string without_underscores(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c != '_') {
      made += c;
    }
  }
  return made;
}

uint32_t hex_value(std::string_view digits) {
  uint32_t value = 0;
  for (const char c : digits) {
    const uint32_t lower = static_cast<uint32_t>(c) | 0x20;
    value = value << 4 | ((lower >= 'a' ? lower - 'a' + 10 : lower - '0') & 15);
  }
  return value;
}

void append_code_point(std::string& to, uint32_t code) {
  if (code < 0x80) {
    to += static_cast<char>(code);
  } else if (code < 0x800) {
    to += static_cast<char>(0xc0 | code >> 6);
    to += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    to += static_cast<char>(0xe0 | code >> 12);
    to += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    to += static_cast<char>(0x80 | (code & 0x3f));
  }
}

void append_unescaped(std::string& to, std::string_view body) {
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\' || i + 1 == body.size()) {
      to += body[i];
      continue;
    }
    const char c = body[++i];
    switch (c) {
      case 'n': to += '\n'; break;
      case 't': to += '\t'; break;
      case 'r': to += '\r'; break;
      case 'x':
        to += static_cast<char>(hex_value(body.substr(i + 1, 2)));
        i += 2;
        break;
      case 'u':
        append_code_point(to, hex_value(body.substr(i + 1, 4)));
        i += 4;
        break;
      case '\r': i += i + 1 < body.size() && body[i + 1] == '\n' ? 1 : 0; break;
      case '\n': break;
      default: to += c;
    }
  }
}

std::optional<Rational> read_decimal(std::string_view text) {
  const std::string digits_all = without_underscores(text);
  const std::string_view all = digits_all;
  const size_t e = all.find_first_of("eE");
  const std::string_view mantissa = all.substr(0, e);
  int32_t exponent = 0;
  if (e != std::string_view::npos) {
    const std::string_view digits = all.substr(e + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc() || exponent > kLargestExponent || exponent < -kLargestExponent) {
      return std::nullopt;
    }
  }
  const size_t dot = mantissa.find('.');
  std::string digits(mantissa.substr(0, dot));
  if (dot != std::string_view::npos) {
    digits += mantissa.substr(dot + 1);
    exponent -= static_cast<int32_t>(mantissa.size() - dot - 1);
  }
  if (digits.size() > kMostDigits) {
    return std::nullopt;
  }
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
  return 1;
}

}  // namespace

Value ContractChecker::number(Rational value, uint32_t digits) {
  numbers_.push_back(std::move(value));
  return {.kind = ValueKind::Number,
          .digits = static_cast<uint8_t>(digits > 255 ? 255 : digits),
          .type = kNumberType,
          .id = static_cast<uint32_t>(numbers_.size()) - 1};
}

Value ContractChecker::number_literal(NodeId id) {
  const Node& n = node(id);
  if (n.kind == NodeKind::UnitLiteral) {
    const Value value = number_literal(n.a);
    if (value.kind != ValueKind::Number) {
      return value;
    }
    const Rational& read = numbers_[value.id];
    return number(Rational::of(read.numerator * BigInteger(unit_factor(program_.text(NameId{n.b}))), read.denominator));
  }
  const std::string_view text = tree_->tokens->spelled(n.token);
  if (text.starts_with("0x") || text.starts_with("0X")) {
    const std::string digits = without_underscores(text.substr(2));
    return number({BigInteger::parse(digits, 16)}, static_cast<uint32_t>(digits.size()));
  }
  std::optional<Rational> value = read_decimal(text);
  if (!value || value->too_big()) {
    return fail(Kind::ConstantTooLarge, id);
  }
  return number(std::move(*value));
}

Value ContractChecker::text_value(std::string text, bool is_hex) {
  texts_.push_back(std::move(text));
  return {.kind = ValueKind::Text, .digits = is_hex ? uint8_t{1} : uint8_t{0}, .type = kTextType, .id = static_cast<uint32_t>(texts_.size()) - 1};
}

Value ContractChecker::text_literal(NodeId id) {
  const Node& n = node(id);
  std::string whole;
  for (uint32_t i = 0; i < std::max(n.b, 1u); ++i) {
    std::string_view body = tree_->tokens->spelled(n.token + i);
    body.remove_prefix(std::min<size_t>(n.kind == NodeKind::UnicodeLiteral ? 8 : n.kind == NodeKind::HexLiteral ? 4 : 1, body.size()));
    body.remove_suffix(body.empty() ? 0 : 1);
    if (n.kind == NodeKind::HexLiteral) {
      const std::string digits = without_underscores(body);
      for (size_t k = 0; k + 1 < digits.size(); k += 2) {
        whole += static_cast<char>(hex_value(std::string_view(digits).substr(k, 2)));
      }
    } else {
      append_unescaped(whole, body);
    }
  }
  return text_value(std::move(whole), n.kind == NodeKind::HexLiteral);
}

Value ContractChecker::fold(BinaryOp op, const Value& left, const Value& right, NodeId where) {
  const Rational a = numbers_[left.id];
  const Rational b = numbers_[right.id];
  auto order = [&] { return compare(a.numerator * b.denominator, b.numerator * a.denominator); };
  auto truth = [&](bool value) { return Value::of(kBoolType, builder_.const_bool(value)); };
  const bool whole = a.is_integer() && b.is_integer();
  Rational result;
  switch (op) {
    case BinaryOp::Eq: return truth(order() == 0);
    case BinaryOp::Ne: return truth(order() != 0);
    case BinaryOp::Lt: return truth(order() < 0);
    case BinaryOp::Le: return truth(order() <= 0);
    case BinaryOp::Gt: return truth(order() > 0);
    case BinaryOp::Ge: return truth(order() >= 0);
    case BinaryOp::Add: result = Rational::of(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator); break;
    case BinaryOp::Sub: result = Rational::of(a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator); break;
    case BinaryOp::Mul: result = Rational::of(a.numerator * b.numerator, a.denominator * b.denominator); break;
    case BinaryOp::Div:
    case BinaryOp::Mod: {
      if (b.numerator.is_zero()) {
        return fail(Kind::ConstantDivisionByZero, where);
      }
      if (op == BinaryOp::Div) {
        result = Rational::of(a.numerator * b.denominator, a.denominator * b.numerator);
        break;
      }
      BigInteger quotient;
      BigInteger rest;
      BigInteger::divide(a.numerator * b.denominator, b.numerator * a.denominator, quotient, rest);
      result = Rational::of(rest, a.denominator * b.denominator);
      break;
    }
    case BinaryOp::Pow: {
      if (!b.is_integer() || !b.numerator.fits(12, true) || (b.numerator.is_negative() && a.numerator.is_zero())) {
        return fail(Kind::ConstantTooLarge, where);
      }
      const int64_t exponent = b.numerator.to_int64();
      const int64_t times = exponent < 0 ? -exponent : exponent;
      if (static_cast<uint64_t>(times) * std::max(a.numerator.bit_length(), a.denominator.bit_length()) > uint64_t{2} * BigInteger::max_bits) {
        return fail(Kind::ConstantTooLarge, where);
      }
      BigInteger top = 1;
      BigInteger bottom = 1;
      for (int64_t i = 0; i < times; ++i) {
        top = top * a.numerator;
        bottom = bottom * a.denominator;
      }
      result = exponent < 0 ? Rational::of(bottom, top) : Rational::of(top, bottom);
      break;
    }
    case BinaryOp::Shl:
    case BinaryOp::Shr:
      if (!whole || b.numerator.is_negative() || !b.numerator.fits(12, false)) {
        return fail(Kind::ConstantTooLarge, where);
      }
      result = {op == BinaryOp::Shl ? a.numerator.shifted_left(static_cast<uint32_t>(b.numerator.to_int64()))
                                    : a.numerator.shifted_right(static_cast<uint32_t>(b.numerator.to_int64()))};
      break;
    case BinaryOp::BitAnd:
    case BinaryOp::BitOr:
    case BinaryOp::BitXor: {
      if (!whole || !a.numerator.fits(256, a.numerator.is_negative()) || !b.numerator.fits(256, b.numerator.is_negative())) {
        return fail(Kind::ConstantTooLarge, where);
      }
      uint64_t x[4];
      uint64_t y[4];
      a.numerator.to_limbs(x);
      b.numerator.to_limbs(y);
      for (int i = 0; i < 4; ++i) {
        x[i] = op == BinaryOp::BitAnd ? x[i] & y[i] : op == BinaryOp::BitOr ? x[i] | y[i] : x[i] ^ y[i];
      }
      result = {BigInteger::from_limbs(x, a.numerator.is_negative() || b.numerator.is_negative())};
      break;
    }
    default: return fail(Kind::OperatorTypes, where, {std::string(tree_->tokens->spelled(node(where).token)), "a number", "a number"});
  }
  if (result.too_big()) {
    return fail(Kind::ConstantTooLarge, where);
  }
  return number(std::move(result));
}

}  // namespace omega::check::contract
