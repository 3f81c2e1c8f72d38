// SPDX-License-Identifier: Apache-2.0
// Unary and binary operators on values.
#include <bit>

#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;
using parse::BinaryOp;
using parse::UnaryOp;

namespace {

constexpr std::string_view kSpelling[] = {"+", "-", "*", "/", "%", "**", "<<", ">>", ">>>", "&", "|", "^", "&&", "||", "==", "!=", "<", "<=", ">", ">="};

bool is_comparison(BinaryOp op) { return op >= BinaryOp::Eq; }
/// A value of the integer type, or a literal that certainly fits it.
bool is_plain_operand(Value value, TypeId type) { return value.kind == ValueKind::Runtime ? value.type == type : type == kInt64Type && is_plain_number(value); }

bool is_logical(uint8_t op) { return op == static_cast<uint8_t>(BinaryOp::And) || op == static_cast<uint8_t>(BinaryOp::Or); }

constexpr Op kOps[] = {Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Mod, Op::Pow, Op::Shl, Op::Shr, Op::Shr, Op::And,
                       Op::Or,  Op::Xor, Op::And, Op::Or,  Op::Eq,  Op::Ne,  Op::Lt,  Op::Le,  Op::Gt,  Op::Ge};

}  // namespace

/// Emits an operand that is plain for int64, or any value.
inline ValueId Checker::plain_operand(Value value) { return value.kind == ValueKind::Runtime ? value.id : builder_->const_int(ir::Type::S64, value.bits); }

inline Value Checker::binary_with(NodeId id, Value left, TypeId hint) {
  const Node& n = node(id);
  const Value right = expression(n.b, left.is_value() && left.type != kNumberType ? left.type : hint);
  at(id);
  const auto op = static_cast<BinaryOp>(n.flags);
  // Integers of one type: nearly all there is.
  if (left.kind == ValueKind::Runtime || right.kind == ValueKind::Runtime) [[likely]] {
    const TypeId type = left.kind == ValueKind::Runtime ? left.type : right.type;
    const bool is_plain = is_integer_type(type) && is_plain_operand(left, type) && is_plain_operand(right, type);
    if (is_plain && op <= BinaryOp::Mod) {
      const ValueId a = plain_operand(left);
      return Value::of(type, builder_->binary(kOps[static_cast<size_t>(op)], types_.ir(type), a, plain_operand(right), checked_flag()));
    }
    if (is_plain && is_comparison(op)) {
      const ValueId a = plain_operand(left);
      return Value::of(kBoolType, builder_->compare(kOps[static_cast<size_t>(op)], a, plain_operand(right)));
    }
  }
  return binary_values(op, left, right, id);
}

Value Checker::binary(NodeId id, TypeId hint) {
  if (is_logical(node(id).flags)) {
    return logical(id);
  }
  const NodeId first = node(id).a;
  if (node(first).kind == NodeKind::Binary && !is_logical(node(first).flags)) {
    return binary_chain(id, hint);
  }
  return binary_with(id, expression(first, hint), hint);
}

/// Chains `a + b + c ...` lean to the left and may be long: down without recursion, then up.
Value Checker::binary_chain(NodeId id, TypeId hint) {
  const size_t bottom = chain_.size();
  NodeId first = id;
  while (node(first).kind == NodeKind::Binary && !is_logical(node(first).flags)) {
    chain_.push_back(first);
    first = node(first).a;
  }
  Value left = expression(first, hint);
  while (chain_.size() > bottom) {
    const NodeId at_node = chain_[chain_.size() - 1];
    chain_.pop_back();
    left = binary_with(at_node, left, hint);
  }
  return left;
}

std::string Checker::help_for_operands(BinaryOp op, Value left, Value right) {
  if (left.type == right.type || !left.is_value() || !right.is_value()) {
    return {};
  }
  auto is = [&](const Value& value, TypeKind kind) { return types_[value.type].kind == kind; };
  auto either = [&](TypeKind kind) { return is(left, kind) || is(right, kind); };
  const bool has_string = left.type == kStringType || right.type == kStringType;
  if (either(TypeKind::Result)) {
    return "take the value of the `Result`: `.value`, `.or(default)`, or `try` in a function that returns a `Result`";
  }
  if (either(TypeKind::Function)) {
    return "call the function: `...()`";
  }
  if (is(left, TypeKind::Integer) && is(right, TypeKind::Integer)) {
    return "neither type holds all values of the other: convert one side";
  }
  if (either(TypeKind::Integer) && either(TypeKind::Float)) {
    return "convert the integer: `" + types_.text(is(left, TypeKind::Float) ? left.type : right.type) + "(...)`";
  }
  if (has_string && either(TypeKind::Integer)) {
    const Value& text = left.type == kStringType ? left : right;
    if (is_comparison(op) && text.is_constant() && text.form == ConstantForm::Text && texts_[text.id].size() == 1) {
      return "an element of a string is a byte: that of this text is " + std::to_string(static_cast<uint8_t>(texts_[text.id][0]));
    }
  }
  if (has_string && (op == BinaryOp::Add || is_comparison(op))) {
    return "convert the other side: `string(...)`";
  }
  if (has_string) {
    return op == BinaryOp::Mod ? "`format(\"... %v ...\", x)` fills values into a text" : "";
  }
  return common_type(left, right) == kNoType ? "convert one side to the other's type" : "";
}

Value Checker::binary_values(BinaryOp op, Value left, Value right, NodeId where) {
  if (left.is_error() || right.is_error()) {
    return Value::error();
  }
  if (!left.is_value() || !right.is_value()) [[unlikely]] {
    const Node& n = node(where);
    left = to_runtime(left, n.a);
    right = to_runtime(right, n.b);
    if (left.is_error() || right.is_error()) {
      return Value::error();
    }
  }
  if (left.is_constant() && right.is_constant() && left.type == kNumberType && right.type == kNumberType) {
    return fold_numbers(op, left, right, where);
  }
  if (op == BinaryOp::Shl || op == BinaryOp::Shr || op == BinaryOp::Sar) {
    return shift(op, left, right, where);
  }
  if (op == BinaryOp::Pow) {
    return power(left, right, where);
  }
  if (is_comparison(op)) {
    return comparison(op, left, right, where);
  }
  const TypeId type = common_type(left, right);
  const TypeInfo& info = types_[type];
  const bool is_bitwise = op == BinaryOp::BitAnd || op == BinaryOp::BitOr || op == BinaryOp::BitXor;
  const bool fits = info.kind == TypeKind::Integer || (info.kind == TypeKind::Float && !is_bitwise) ||
                    (is_bitwise && (info.kind == TypeKind::FixedBytes || info.kind == TypeKind::Bool)) || (type == kStringType && op == BinaryOp::Add);
  if (!fits) [[unlikely]] {
    report(Kind::OperatorTypes, where, {std::string(kSpelling[static_cast<size_t>(op)]), value_text(left), value_text(right)})
        .with_help(help_for_operands(op, left, right));
    return Value::error();
  }
  left = convert(left, type, node(where).a);
  right = convert(right, type, node(where).b);
  if (left.is_error() || right.is_error()) {
    return Value::error();
  }
  if (left.is_constant() && right.is_constant()) {
    if (type == kStringType) {
      std::string both(texts_[left.id]);
      both += texts_[right.id];
      return text_constant(text_arena_.copy(both));
    }
    Value folded;
    if (fold_typed(op, type, left, right, folded)) {
      return folded;
    }
  }
  // Constants are emitted in order: left before right.
  const ValueId a = materialize(left);
  const ValueId b = materialize(right);
  if (type == kStringType) {
    return Value::of(type, builder_->call_runtime(ir::RuntimeFunctionId::StringConcat, {a, b}));
  }
  const bool checks = info.kind == TypeKind::Integer && !is_bitwise;
  return Value::of(type, builder_->binary(kOps[static_cast<size_t>(op)], info.ir, a, b, checks ? checked_flag() : 0));
}

Value Checker::comparison(BinaryOp op, Value left, Value right, NodeId where) {
  const TypeId type = common_type(left, right);
  const TypeInfo& info = types_[type];
  const bool is_equality = op == BinaryOp::Eq || op == BinaryOp::Ne;
  bool fits = false;
  switch (info.kind) {
    case TypeKind::Integer:
    case TypeKind::Float:
    case TypeKind::String:
    case TypeKind::FixedBytes:
    case TypeKind::Address:
    case TypeKind::Enum: fits = true; break;
    case TypeKind::Bool:
    case TypeKind::Bytes: fits = is_equality; break;
    case TypeKind::Error: return Value::error();
    default: break;
  }
  if (!fits) {
    const bool is_made_of_parts =
        info.kind == TypeKind::Struct || info.kind == TypeKind::Array || info.kind == TypeKind::FixedArray || info.kind == TypeKind::Tuple;
    report(Kind::OperatorTypes, where, {std::string(kSpelling[static_cast<size_t>(op)]), value_text(left), value_text(right)})
        .with_help(is_made_of_parts ? "compare the fields or elements one by one" : help_for_operands(op, left, right));
    return Value::error();
  }
  left = convert(left, type, node(where).a);
  right = convert(right, type, node(where).b);
  if (left.is_error() || right.is_error()) {
    return Value::error();
  }
  if (left.is_constant() && right.is_constant()) {
    Value folded;
    if (left.form == ConstantForm::Text) {
      const int order = texts_[left.id].compare(texts_[right.id]);
      return fold_numbers(op, Value::integer(kNumberType, order), Value::integer(kNumberType, 0), where);
    }
    if (fold_typed(op, type, left, right, folded)) {
      return folded;
    }
  }
  const ValueId a = materialize(left);
  const ValueId b = materialize(right);
  const Op ir_op = kOps[static_cast<size_t>(op)];
  if (info.kind == TypeKind::String || info.kind == TypeKind::Bytes) {
    if (is_equality) {
      const ValueId same = builder_->call_runtime(ir::RuntimeFunctionId::StringEqual, {a, b});
      return Value::of(kBoolType, op == BinaryOp::Eq ? same : builder_->unary(Op::Not, ir::Type::U1, same));
    }
    const ValueId order = builder_->call_runtime(ir::RuntimeFunctionId::StringCompare, {a, b});
    return Value::of(kBoolType, builder_->compare(ir_op, order, builder_->const_int(ir::Type::S32, 0)));
  }
  return Value::of(kBoolType, builder_->compare(ir_op, a, b));
}

ValueId Checker::shift_amount(Value amount, NodeId where) {
  if (amount.is_constant() && amount.type == kNumberType) {
    amount = convert(amount, kUint64Type, where);
    return amount.is_error() ? poison(kUint64Type) : materialize(amount);
  }
  const TypeInfo& info = types_[amount.type];
  if (info.kind != TypeKind::Integer) {
    mismatch(kUint64Type, amount, where);
    return poison(kUint64Type);
  }
  const ValueId value = materialize(amount);
  return info.is_signed ? builder_->cast(ir::unsigned_type(info.bits), value, ir::kChecked) : value;
}

Value Checker::shift(BinaryOp op, Value left, Value right, NodeId where) {
  const NodeId left_node = node(where).a;
  if (left.is_constant() && left.type == kNumberType) {
    left = convert(left, default_type(left), left_node);
    if (left.is_error()) {
      return left;
    }
  }
  const TypeInfo& info = types_[left.type];
  if (info.kind != TypeKind::Integer && info.kind != TypeKind::FixedBytes) {
    report(Kind::OperatorType, where, {std::string(kSpelling[static_cast<size_t>(op)]), types_.text(left.type)});
    return Value::error();
  }
  const ValueId value = materialize(left);
  const ValueId amount = shift_amount(right, node(where).b);
  if (op == BinaryOp::Sar && info.is_signed) {
    // >>> is the logical shift: zeros come in.
    const ir::Type bits = ir::unsigned_type(info.bits);
    const ValueId moved = builder_->binary(Op::Shr, bits, builder_->cast(bits, value), amount);
    return Value::of(left.type, builder_->cast(info.ir, moved));
  }
  return Value::of(left.type, builder_->binary(kOps[static_cast<size_t>(op)], info.ir, value, amount));
}

Value Checker::power(Value left, Value right, NodeId where) {
  const NodeId left_node = node(where).a;
  const NodeId right_node = node(where).b;
  if (left.type == kNumberType && is_float_type(right.type)) {
    left = convert(left, right.type, left_node);
  } else if (left.type == kNumberType) {
    left = convert(left, default_type(left), left_node);
  }
  if (left.is_error()) {
    return left;
  }
  const TypeInfo& info = types_[left.type];
  if (info.kind == TypeKind::Float) {
    right = convert(right, left.type, right_node);
    if (right.is_error()) {
      return right;
    }
    const ValueId a = builder_->cast(ir::Type::F64, materialize(left));
    const ValueId b = builder_->cast(ir::Type::F64, materialize(right));
    const ValueId result = builder_->call_runtime(ir::RuntimeFunctionId::Pow, {a, b});
    return Value::of(left.type, info.ir == ir::Type::F64 ? result : builder_->cast(info.ir, result));
  }
  if (info.kind != TypeKind::Integer) {
    report(Kind::OperatorType, where, {"**", types_.text(left.type)});
    return Value::error();
  }
  const ValueId base = materialize(left);
  const ValueId exponent = shift_amount(right, right_node);
  return Value::of(left.type, builder_->binary(Op::Pow, info.ir, base, exponent, checked_flag()));
}

Value Checker::unary(NodeId id, TypeId hint) {
  const Node& n = node(id);
  const auto op = static_cast<UnaryOp>(n.flags);
  if (op == UnaryOp::Delete) {
    const Place to = place(n.a);
    if (to.kind == Place::Kind::Entry) {
      builder_->call_runtime(ir::RuntimeFunctionId::MapDelete, {to.base, to.index});
    } else if (to.kind != Place::Kind::None) {
      store(to, zero_value(to.type), n.a);
    }
    return Value::none();
  }
  Value value = expression(n.a, hint);
  if (value.is_error()) {
    return value;
  }
  if (!value.is_value()) {
    value = to_runtime(value, n.a);
    if (value.is_error()) {
      return value;
    }
  }
  const TypeInfo& info = types_[value.type];
  at(id);
  switch (op) {
    case UnaryOp::Not:
      if (value.type != kBoolType) {
        break;
      }
      return value.is_constant() ? Value::boolean(value.bits == 0) : Value::of(kBoolType, builder_->unary(Op::Not, ir::Type::U1, value.id));
    case UnaryOp::Negate:
      if (value.is_constant() && value.type == kNumberType) {
        if (value.form == ConstantForm::Integer && value.bits != INT64_MIN) {
          return Value::integer(kNumberType, -value.bits);
        }
        if (value.form == ConstantForm::Decimal) {
          const Decimal decimal = decimals_[value.id];
          return decimal_constant({decimal.literal, -decimal.value});  // keeps -0.0
        }
        Rational number = exact(value);
        const bool is_decimal = value.form == ConstantForm::Fraction;
        number.numerator = -number.numerator;
        if (!is_decimal) {
          return number_constant(std::move(number));
        }
        numbers_.push_back(std::move(number));
        return {.kind = ValueKind::Constant, .form = ConstantForm::Fraction, .type = kNumberType, .id = static_cast<uint32_t>(numbers_.size()) - 1};
      }
      if (value.is_constant() && info.kind == TypeKind::Float) {
        value.bits = std::bit_cast<int64_t>(-std::bit_cast<double>(value.bits));
        return value;
      }
      if (value.is_constant() && info.kind == TypeKind::Integer && info.is_signed) {
        const BigInteger negated = -exact(value).numerator;
        if (negated.fits(info.bits, true)) {
          return integer_constant(value.type, negated);
        }
      }
      if (info.kind == TypeKind::Float || (info.kind == TypeKind::Integer && info.is_signed)) {
        return Value::of(value.type, builder_->unary(Op::Neg, info.ir, materialize(value), info.kind == TypeKind::Integer ? checked_flag() : 0));
      }
      if (info.kind == TypeKind::Integer) {
        report(Kind::NegatedUnsigned, id, {types_.text(value.type)}).with_help("convert it to a signed type first");
        return Value::error();
      }
      break;
    case UnaryOp::BitNot:
      if (value.is_constant() && value.type == kNumberType && value.form == ConstantForm::Integer) {
        return Value::integer(kNumberType, ~value.bits);
      }
      if (info.kind == TypeKind::Integer || info.kind == TypeKind::FixedBytes) {
        return Value::of(value.type, builder_->unary(Op::Not, info.ir, materialize(value)));
      }
      break;
    default: break;
  }
  static constexpr std::string_view spelling[] = {"-", "!", "~", "++", "--", "delete"};
  report(Kind::OperatorType, id, {std::string(spelling[n.flags]), value.type == kNumberType ? "number" : types_.text(value.type)});
  return Value::error();
}

}  // namespace omega::check
