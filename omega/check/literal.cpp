// SPDX-License-Identifier: Apache-2.0
// Literals and constant arithmetic: exact while nothing gives them a type.
#include <bit>
#include <charconv>
#include <cmath>

#include "omega/base/check.h"
#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;
using parse::BinaryOp;

namespace {

/// The literal without `_`, in `buffer` when it had any.
std::string_view without_underscores(std::string_view text, std::string& buffer) {
  if (text.find('_') == std::string_view::npos) {
    return text;
  }
  buffer.clear();
  for (char c : text) {
    if (c != '_') {
      buffer += c;
    }
  }
  return buffer;
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

uint32_t hex_digits(std::string_view digits) {
  uint32_t value = 0;
  for (char c : digits) {
    const uint32_t lower = static_cast<uint32_t>(c) | 0x20;
    value = value << 4 | ((lower >= 'a' ? lower - 'a' + 10 : lower - '0') & 15);
  }
  return value;
}

/// `body` is what stands between the quotes.
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
      case '0': to += '\0'; break;
      case 'x':
        to += static_cast<char>(hex_digits(body.substr(i + 1, 2)));
        i += 2;
        break;
      case 'u':
        append_code_point(to, hex_digits(body.substr(i + 1, 4)));
        i += 4;
        break;
      case '\r': i += i + 1 < body.size() && body[i + 1] == '\n' ? 1 : 0; break;
      case '\n': break;
      default: to += c;
    }
  }
}

}  // namespace

Value Checker::int_literal(NodeId id) {
  const Node& n = node(id);
  if ((n.flags & 1) != 0) {
    const uint64_t bits = static_cast<uint64_t>(n.b) << 32 | n.a;
    if (bits <= INT64_MAX) {
      return Value::integer(kNumberType, static_cast<int64_t>(bits));
    }
    return number_constant({BigInteger::from_unsigned(bits)});
  }
  std::string_view text = tree_->tokens->spelled(n.token);
  if (text.starts_with("0x") || text.starts_with("0X")) {
    return number_constant({BigInteger::parse(text.substr(2), 16)});
  }
  Rational value;
  if (!decimal_rational(text, value) || value.too_big()) {
    report(Kind::ConstantTooLarge, id);
    return Value::error();
  }
  return number_constant(std::move(value));
}

bool Checker::decimal_rational(std::string_view text, Rational& out) {
  std::string buffer;
  text = without_underscores(text, buffer);
  const size_t e = text.find_first_of("eE");
  std::string_view mantissa = text.substr(0, e);
  int32_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    digits.remove_prefix(digits.starts_with('+') ? 1 : 0);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (parsed.ec != std::errc() || exponent > 1300 || exponent < -1300) {
      return false;
    }
  }
  const size_t dot = mantissa.find('.');
  std::string digits(mantissa.substr(0, dot));
  if (dot != std::string_view::npos) {
    digits += mantissa.substr(dot + 1);
    exponent -= static_cast<int32_t>(mantissa.size() - dot - 1);
  }
  if (exponent < -2600 || digits.size() > 1300) {
    return false;
  }
  const BigInteger number = BigInteger::parse(digits, 10);
  out = exponent >= 0 ? Rational{number * BigInteger::power_of_ten(static_cast<uint32_t>(exponent))}
                      : Rational::of(number, BigInteger::power_of_ten(static_cast<uint32_t>(-exponent)));
  return true;
}

Value Checker::decimal_literal(NodeId id) {
  std::string buffer;
  const std::string_view text = without_underscores(tree_->tokens->spelled(node(id).token), buffer);
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) {
    // from_chars leaves the value alone: too large is an error, too small rounds to zero.
    const size_t e = text.find_first_of("eE");
    if (e == std::string_view::npos || text[e + 1] != '-') {
      report(Kind::ConstantTooLarge, id);
      return Value::error();
    }
  }
  return decimal_constant({id, value});
}

Value Checker::decimal_constant(const Decimal& decimal) {
  decimals_.push_back(decimal);
  return {.kind = ValueKind::Constant, .form = ConstantForm::Decimal, .type = kNumberType, .id = static_cast<uint32_t>(decimals_.size()) - 1};
}

Value Checker::unit_literal(NodeId id) {
  const Node& n = node(id);
  static constexpr struct {
    std::string_view name;
    int64_t factor;
  } units[] = {{"wei", 1},      {"gwei", 1'000'000'000}, {"ether", 1'000'000'000'000'000'000}, {"seconds", 1}, {"minutes", 60}, {"hours", 3600},
               {"days", 86400}, {"weeks", 604800}};
  const Value number = expression(n.a);
  if (number.is_error()) {
    return number;
  }
  const std::string_view name = decls_.text(NameId{n.b});
  for (const auto& unit : units) {
    if (unit.name == name) {
      Rational value = exact(number);
      value = Rational::of(value.numerator * BigInteger(unit.factor), value.denominator);
      return number_constant(std::move(value));
    }
  }
  OMEGA_UNREACHABLE("the parser knows the units");
}

Value Checker::hex_literal(NodeId id, TypeId hint) {
  std::string bytes;
  const Node& n = node(id);
  for (uint32_t i = 0; i < n.b; ++i) {
    std::string_view body = tree_->tokens->spelled(n.token + i).substr(4);
    body = body.substr(0, body.empty() ? 0 : body.size() - 1);
    std::string digits;
    for (char c : body) {
      if (c != '_') {
        digits += c;
      }
    }
    for (size_t k = 0; k + 1 < digits.size(); k += 2) {
      bytes += static_cast<char>(hex_digits(std::string_view(digits).substr(k, 2)));
    }
  }
  const TypeInfo& wanted = types_[hint];
  const Value text = text_constant(text_arena_.copy(bytes));
  if (wanted.kind == TypeKind::FixedBytes) {
    return text;
  }
  return convert(text, kBytesType, id);
}

std::string_view Checker::literal_text(NodeId id) {
  const Node& n = node(id);
  const size_t prefix = n.kind == NodeKind::UnicodeLiteral ? 8 : 1;
  auto body_of = [&](uint32_t token) {
    std::string_view body = tree_->tokens->spelled(token);
    body.remove_prefix(std::min(prefix, body.size()));
    body.remove_suffix(body.empty() ? 0 : 1);
    return body;
  };
  const std::string_view first = body_of(n.token);
  if (n.b <= 1 && first.find('\\') == std::string_view::npos) {
    return first;
  }
  std::string whole;
  for (uint32_t i = 0; i < std::max(n.b, 1u); ++i) {
    append_unescaped(whole, body_of(n.token + i));
  }
  return text_arena_.copy(whole);
}

Value Checker::text_constant(std::string_view text) {
  texts_.push_back(text);
  return {.kind = ValueKind::Constant, .form = ConstantForm::Text, .type = kStringType, .id = static_cast<uint32_t>(texts_.size()) - 1};
}

Value Checker::number_constant(Rational number) {
  if (number.is_integer() && number.numerator.fits_int64()) {
    return Value::integer(kNumberType, number.numerator.to_int64());
  }
  const bool is_integer = number.is_integer();
  numbers_.push_back(std::move(number));
  return {.kind = ValueKind::Constant,
          .form = is_integer ? ConstantForm::Wide : ConstantForm::Fraction,
          .type = kNumberType,
          .id = static_cast<uint32_t>(numbers_.size()) - 1};
}

Rational Checker::exact(Value value) {
  switch (value.form) {
    case ConstantForm::Integer: return {BigInteger(value.bits)};
    case ConstantForm::Decimal: {
      const Decimal decimal = decimals_[value.id];
      Rational number;
      if (decimal_rational(tree_->tokens->spelled(node(decimal.literal).token), number)) {
        if (std::signbit(decimal.value)) {
          number.numerator = -number.numerator;
        }
        return number;
      }
      report(Kind::ConstantTooLarge, decimal.literal);
      return {};
    }
    default: return numbers_[value.id];
  }
}

Value Checker::integer_constant(TypeId type, const BigInteger& value) {
  if (value.fits_int64()) {
    return Value::integer(type, value.to_int64());
  }
  numbers_.push_back({value});
  return {.kind = ValueKind::Constant, .form = ConstantForm::Wide, .type = type, .id = static_cast<uint32_t>(numbers_.size()) - 1};
}

Value Checker::fold_numbers(BinaryOp op, Value left, Value right, NodeId where) {
  if (left.form == ConstantForm::Integer && right.form == ConstantForm::Integer) {
    int64_t out = 0;
    switch (op) {
      case BinaryOp::Add:
        if (!__builtin_add_overflow(left.bits, right.bits, &out)) {
          return Value::integer(kNumberType, out);
        }
        break;
      case BinaryOp::Sub:
        if (!__builtin_sub_overflow(left.bits, right.bits, &out)) {
          return Value::integer(kNumberType, out);
        }
        break;
      case BinaryOp::Mul:
        if (!__builtin_mul_overflow(left.bits, right.bits, &out)) {
          return Value::integer(kNumberType, out);
        }
        break;
      case BinaryOp::BitAnd: return Value::integer(kNumberType, left.bits & right.bits);
      case BinaryOp::BitOr: return Value::integer(kNumberType, left.bits | right.bits);
      case BinaryOp::BitXor: return Value::integer(kNumberType, left.bits ^ right.bits);
      case BinaryOp::Eq: return Value::boolean(left.bits == right.bits);
      case BinaryOp::Ne: return Value::boolean(left.bits != right.bits);
      case BinaryOp::Lt: return Value::boolean(left.bits < right.bits);
      case BinaryOp::Le: return Value::boolean(left.bits <= right.bits);
      case BinaryOp::Gt: return Value::boolean(left.bits > right.bits);
      case BinaryOp::Ge: return Value::boolean(left.bits >= right.bits);
      default: break;
    }
  }
  // A decimal literal stays a decimal number, also where the value is whole.
  const bool is_decimal =
      left.form == ConstantForm::Decimal || left.form == ConstantForm::Fraction || right.form == ConstantForm::Decimal || right.form == ConstantForm::Fraction;
  const Rational a = exact(left);
  const Rational b = exact(right);
  auto order = [&] { return compare(a.numerator * b.denominator, b.numerator * a.denominator); };
  Rational result;
  const bool whole = a.is_integer() && b.is_integer();
  switch (op) {
    case BinaryOp::Eq: return Value::boolean(order() == 0);
    case BinaryOp::Ne: return Value::boolean(order() != 0);
    case BinaryOp::Lt: return Value::boolean(order() < 0);
    case BinaryOp::Le: return Value::boolean(order() <= 0);
    case BinaryOp::Gt: return Value::boolean(order() > 0);
    case BinaryOp::Ge: return Value::boolean(order() >= 0);
    case BinaryOp::Add: result = Rational::of(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator); break;
    case BinaryOp::Sub: result = Rational::of(a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator); break;
    case BinaryOp::Mul: result = Rational::of(a.numerator * b.numerator, a.denominator * b.denominator); break;
    case BinaryOp::Div:
    case BinaryOp::Mod: {
      if (b.numerator.is_zero()) {
        report(Kind::ConstantDivisionByZero, where);
        return Value::error();
      }
      if (op == BinaryOp::Div) {
        result = Rational::of(a.numerator * b.denominator, a.denominator * b.numerator);
      } else {
        BigInteger quotient;
        BigInteger rest;
        BigInteger::divide(a.numerator * b.denominator, b.numerator * a.denominator, quotient, rest);
        result = Rational::of(rest, a.denominator * b.denominator);
      }
      break;
    }
    case BinaryOp::Pow: {
      if (!b.is_integer() || !b.numerator.fits(12, true)) {
        report(Kind::ConstantTooLarge, where);
        return Value::error();
      }
      int64_t exponent = b.numerator.to_int64();
      const bool inverse = exponent < 0;
      exponent = inverse ? -exponent : exponent;
      if (static_cast<uint64_t>(exponent) * std::max(a.numerator.bit_length(), a.denominator.bit_length()) > uint64_t{2} * BigInteger::max_bits ||
          (inverse && a.numerator.is_zero())) {
        report(Kind::ConstantTooLarge, where);
        return Value::error();
      }
      BigInteger top = 1;
      BigInteger bottom = 1;
      for (int64_t i = 0; i < exponent; ++i) {
        top = top * a.numerator;
        bottom = bottom * a.denominator;
      }
      result = inverse ? Rational::of(bottom, top) : Rational::of(top, bottom);
      break;
    }
    case BinaryOp::Shl:
    case BinaryOp::Shr:
    case BinaryOp::Sar: {
      if (!whole || b.numerator.is_negative() || !b.numerator.fits(12, false)) {
        report(Kind::ConstantTooLarge, where);
        return Value::error();
      }
      const uint32_t amount = static_cast<uint32_t>(b.numerator.to_int64());
      result = {op == BinaryOp::Shl ? a.numerator.shifted_left(amount) : a.numerator.shifted_right(amount)};
      break;
    }
    case BinaryOp::BitAnd:
    case BinaryOp::BitOr:
    case BinaryOp::BitXor: {
      if (!whole || !a.numerator.fits(256, a.numerator.is_negative()) || !b.numerator.fits(256, b.numerator.is_negative())) {
        report(Kind::ConstantTooLarge, where);
        return Value::error();
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
    default: return Value::error();
  }
  if (result.too_big()) {
    report(Kind::ConstantTooLarge, where);
    return Value::error();
  }
  if (is_decimal) {
    numbers_.push_back(std::move(result));
    return {.kind = ValueKind::Constant, .form = ConstantForm::Fraction, .type = kNumberType, .id = static_cast<uint32_t>(numbers_.size()) - 1};
  }
  return number_constant(std::move(result));
}

bool Checker::fold_typed(BinaryOp op, TypeId type, Value left, Value right, Value& out) {
  const TypeInfo& info = types_[type];
  if (info.kind == TypeKind::Float) {
    const double a = std::bit_cast<double>(left.bits);
    const double b = std::bit_cast<double>(right.bits);
    double result = 0;
    switch (op) {
      case BinaryOp::Add: result = a + b; break;
      case BinaryOp::Sub: result = a - b; break;
      case BinaryOp::Mul: result = a * b; break;
      case BinaryOp::Div: result = a / b; break;
      case BinaryOp::Eq: out = Value::boolean(a == b); return true;
      case BinaryOp::Ne: out = Value::boolean(a != b); return true;
      case BinaryOp::Lt: out = Value::boolean(a < b); return true;
      case BinaryOp::Le: out = Value::boolean(a <= b); return true;
      case BinaryOp::Gt: out = Value::boolean(a > b); return true;
      case BinaryOp::Ge: out = Value::boolean(a >= b); return true;
      default: return false;
    }
    if (type == kFloat32Type) {
      result = static_cast<double>(static_cast<float>(result));
    }
    out = {.kind = ValueKind::Constant, .form = ConstantForm::Float, .type = type, .bits = std::bit_cast<int64_t>(result)};
    return true;
  }
  if (info.kind == TypeKind::Bool) {
    switch (op) {
      case BinaryOp::Eq: out = Value::boolean(left.bits == right.bits); return true;
      case BinaryOp::Ne: out = Value::boolean(left.bits != right.bits); return true;
      default: return false;
    }
  }
  if (info.kind != TypeKind::Integer) {
    return false;
  }
  if ((op == BinaryOp::Div || op == BinaryOp::Mod)) {
    const BigInteger divisor = exact(right).numerator;
    if (divisor.is_zero()) {
      return false;
    }
    BigInteger quotient;
    BigInteger rest;
    BigInteger::divide(exact(left).numerator, divisor, quotient, rest);
    const BigInteger& result = op == BinaryOp::Div ? quotient : rest;
    if (!result.fits(info.bits, info.is_signed)) {
      return false;
    }
    out = integer_constant(type, result);
    return true;
  }
  if (op == BinaryOp::Pow || op == BinaryOp::Shl || op == BinaryOp::Shr || op == BinaryOp::Sar) {
    return false;
  }
  Value a = left;
  Value b = right;
  a.type = b.type = kNumberType;
  const Value folded = fold_numbers(op, a, b, 0);
  if (folded.type == kBoolType) {
    out = folded;
    return true;
  }
  const BigInteger result = exact(folded).numerator;
  if (!result.fits(info.bits, info.is_signed)) {
    return false;  // the instruction panics, or wraps in `unchecked`
  }
  out = integer_constant(type, result);
  return true;
}

Value Checker::constant_value(const ConstantValue& constant) {
  if (constant.type == kErrorType) {
    return Value::error();
  }
  Value value{.kind = ValueKind::Constant, .form = static_cast<ConstantForm>(constant.form), .type = constant.type, .bits = constant.bits};
  if (value.form == ConstantForm::Text) {
    texts_.push_back(constant.text);
    value.id = static_cast<uint32_t>(texts_.size()) - 1;
  } else if (value.form == ConstantForm::Wide) {
    numbers_.push_back({BigInteger::from_limbs(decls_.limbs.data() + constant.limbs, types_[constant.type].is_signed)});
    value.id = static_cast<uint32_t>(numbers_.size()) - 1;
  }
  return value;
}

ValueId Checker::emit_constant(Value value) {
  if (value.kind != ValueKind::Constant) {
    return poison(value.type);
  }
  switch (value.form) {
    case ConstantForm::Integer: return builder_->const_int(types_.ir(value.type), value.bits);
    case ConstantForm::Wide: {
      uint64_t limbs[4];
      numbers_[value.id].numerator.to_limbs(limbs);
      const ir::Type type = types_.ir(value.type);
      return ir::is_wide(type) ? builder_->const_wide(type, limbs) : builder_->const_int(type, static_cast<int64_t>(limbs[0]));
    }
    case ConstantForm::Float:
      return value.type == kFloat32Type ? builder_->const_f32(static_cast<float>(std::bit_cast<double>(value.bits)))
                                        : builder_->const_f64(std::bit_cast<double>(value.bits));
    case ConstantForm::Text: return builder_->const_string(texts_[value.id]);
    default: return poison(kInt64Type);
  }
}

}  // namespace omega::check
