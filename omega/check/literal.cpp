// SPDX-License-Identifier: Apache-2.0
// Literals and constant arithmetic: exact while nothing gives them a type.
#include <bit>
#include <charconv>
#include <cmath>

#include "omega/check/checker.h"
#include "omega/check/exact_number.h"
#include "omega/lex/literals.h"

namespace omega::check {

using diag::Kind;
using parse::BinaryOp;

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
  std::optional<Rational> value = read_decimal(text);
  if (!value || value->too_big()) {
    report(Kind::ConstantTooLarge, id);
    return Value::error();
  }
  return number_constant(std::move(*value));
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
  const Value number = expression(n.a);
  if (number.is_error()) {
    return number;
  }
  const Rational value = exact(number);
  return number_constant(Rational::of(value.numerator * BigInteger(unit_factor(decls_.text(NameId{n.b}))), value.denominator));
}

Value Checker::hex_literal(NodeId id, TypeId hint) {
  std::string bytes;
  const Node& n = node(id);
  for (uint32_t i = 0; i < n.b; ++i) {
    bytes += lex::string_value(tree_->tokens->spelled(n.token + i));
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
  const std::string_view first = tree_->tokens->spelled(n.token);
  if (n.b <= 1 && n.kind != NodeKind::UnicodeLiteral && first.size() > 1 && first.back() == first.front() && first.find('\\') == std::string_view::npos) {
    return first.substr(1, first.size() - 2);  // stands in the source as it is
  }
  std::string whole;
  for (uint32_t i = 0; i < std::max(n.b, 1u); ++i) {
    whole += lex::string_value(tree_->tokens->spelled(n.token + i));
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
      if (std::optional<Rational> number = read_decimal(tree_->tokens->spelled(node(decimal.literal).token))) {
        if (std::signbit(decimal.value)) {
          number->numerator = -number->numerator;
        }
        return std::move(*number);
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
  Folded folded = fold(op, exact(left), exact(right));
  switch (folded.kind) {
    case Folded::Kind::Number: break;
    case Folded::Kind::Truth: return Value::boolean(folded.truth);
    case Folded::Kind::TooLarge: report(Kind::ConstantTooLarge, where); return Value::error();
    case Folded::Kind::DivisionByZero: report(Kind::ConstantDivisionByZero, where); return Value::error();
    case Folded::Kind::NoSuchOperator: return Value::error();
  }
  if (is_decimal) {
    numbers_.push_back(std::move(folded.number));
    return {.kind = ValueKind::Constant, .form = ConstantForm::Fraction, .type = kNumberType, .id = static_cast<uint32_t>(numbers_.size()) - 1};
  }
  return number_constant(std::move(folded.number));
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
