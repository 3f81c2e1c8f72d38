// SPDX-License-Identifier: Apache-2.0
// Conversions: what fits by itself, and T(x).
#include <algorithm>
#include <bit>
#include <cmath>

#include "omega/check/checker.h"

namespace omega::check {

using diag::Kind;

namespace {

bool widens(const TypeInfo& from, const TypeInfo& to) {
  if (from.kind == TypeKind::Integer && to.kind == TypeKind::Integer) {
    return from.is_signed == to.is_signed ? from.bits <= to.bits : !from.is_signed && from.bits < to.bits;
  }
  if (from.kind == TypeKind::FixedBytes && to.kind == TypeKind::FixedBytes) {
    return from.bits == to.bits;
  }
  return from.kind == TypeKind::Float && to.kind == TypeKind::Float && from.bits <= to.bits;
}

Value float_constant(TypeId type, double value) {
  if (type == kFloat32Type) {
    value = static_cast<double>(static_cast<float>(value));
  }
  return {.kind = ValueKind::Constant, .form = ConstantForm::Float, .type = type, .bits = std::bit_cast<int64_t>(value)};
}

}  // namespace

TypeId Checker::default_type(Value value) {
  if (value.type != kNumberType) {
    return value.type;
  }
  return value.form == ConstantForm::Decimal || value.form == ConstantForm::Fraction ? kFloat64Type : kInt64Type;
}

bool Checker::has_decimal_point(Value number) {
  return number.form == ConstantForm::Decimal && tree_->tokens->spelled(node(decimals_[number.id].literal).token).find('.') != std::string_view::npos;
}

bool Checker::converts(Value from, TypeId to) {
  if (from.is_error() || to == kErrorType || (from.type == to && from.is_value())) {
    return true;
  }
  const TypeInfo& target = types_[to];
  switch (from.kind) {
    case ValueKind::Constant:
      if (from.type == kNumberType) {
        if (target.kind == TypeKind::Float) {
          return true;
        }
        if (target.kind != TypeKind::Integer && target.kind != TypeKind::FixedBytes && target.kind != TypeKind::Address) {
          return false;
        }
        if (from.form == ConstantForm::Integer && target.kind == TypeKind::Integer && target.bits >= 64) {
          return target.is_signed || from.bits >= 0;
        }
        if (has_decimal_point(from)) {
          return false;
        }
        const Rational value = exact(from);
        return value.is_integer() && value.numerator.fits(target.bits, target.is_signed);
      }
      if (from.form == ConstantForm::Text) {
        return to == kBytesType || (target.kind == TypeKind::FixedBytes && texts_[from.id].size() <= target.bits / 8u);
      }
      [[fallthrough]];
    case ValueKind::Runtime: return widens(types_[from.type], target);
    case ValueKind::Functions: {
      if (target.kind != TypeKind::Function) {
        return false;
      }
      const uint32_t taking = function_taking(from.id, target.parameters());
      return taking != kNoDeclaration && std::ranges::equal(decls_.results(decls_.functions[taking]), target.results());
    }
    case ValueKind::Lambda: return target.kind == TypeKind::Function && tree_->list(node(from.id).a).size() == target.part_count;
    case ValueKind::Multi: {
      if (target.kind != TypeKind::Tuple || types_[from.type].part_count != target.part_count) {
        return false;
      }
      for (uint32_t i = 0; i < target.part_count; ++i) {
        if (!converts(Value::of(types_[from.type].parts[i], from.id + i), target.parts[i])) {
          return false;
        }
      }
      return true;
    }
    default: return false;
  }
}

std::string Checker::help_for_range(TypeId type) {
  const TypeInfo& info = types_[type];
  const std::string name = "`" + types_.text(type) + "` holds ";
  if (info.kind != TypeKind::Integer) {
    return {};
  }
  const unsigned bits = info.bits - (info.is_signed ? 1u : 0u);
  if (bits > 64) {
    const std::string power = "2**" + std::to_string(bits);
    return name + (info.is_signed ? "-" + power : "0") + " to " + power + " - 1";
  }
  const uint64_t most = bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
  const std::string wider = type == kInt64Type ? "; wider are `int128`, `int256` and, written with a decimal point, `float64`" : "";
  return name + (info.is_signed ? std::to_string(-static_cast<int64_t>(most) - 1) : "0") + " to " + std::to_string(most) + wider;
}

Value Checker::convert_to_other(Value from, TypeId to, NodeId where) {
  if (from.is_error() || to == kErrorType || from.type == kErrorType) {
    return Value::error();
  }
  if (!converts(from, to)) {
    if (from.is_constant() && from.type == kNumberType && is_integer_type(to)) {
      const Rational value = exact(from);
      if (has_decimal_point(from) && value.is_integer()) {
        report(Kind::DecimalForInteger, where, {types_.text(to)}).with_help("leave out the fraction, or convert the other side: `float64(...)`");
      } else if (!value.is_integer()) {
        report(Kind::NotAnInteger, where, {types_.text(to)}).with_help("write `" + types_.text(to) + "(...)` to drop the fraction, or use a float type");
      } else {
        report(Kind::LiteralOutOfRange, where, {value_text(from), types_.text(to)}).with_help(help_for_range(to));
      }
      return Value::error();
    }
    return mismatch(to, from, where);
  }
  const TypeInfo& target = types_[to];
  switch (from.kind) {
    case ValueKind::Constant:
      if (from.type == kNumberType) {
        if (target.kind == TypeKind::Float) {
          if (from.form == ConstantForm::Decimal && to == kFloat64Type) {
            return float_constant(to, decimals_[from.id].value);
          }
          if (from.form == ConstantForm::Integer && from.bits > -(int64_t{1} << 53) && from.bits < int64_t{1} << 53) {
            return float_constant(to, static_cast<double>(from.bits));
          }
          const Rational value = exact(from);
          const double number = to == kFloat32Type ? value.to_float() : value.to_double();
          if (std::isinf(number) || (to == kFloat32Type && std::isinf(static_cast<float>(number)))) {
            report(Kind::LiteralOutOfRange, where, {value_text(from), types_.text(to)});
            return Value::error();
          }
          return float_constant(to, number);
        }
        if (from.form == ConstantForm::Integer) {
          return Value::integer(to, from.bits);
        }
        return integer_constant(to, exact(from).numerator);
      }
      if (from.form == ConstantForm::Text) {
        if (to == kBytesType) {
          return Value::of(kBytesType, builder_->call_runtime(ir::RuntimeFunctionId::BytesFromString, {materialize(from)}));
        }
        BigInteger number;
        for (uint32_t i = 0; i < target.bits / 8u; ++i) {
          const std::string_view text = texts_[from.id];
          number = number.shifted_left(8) + BigInteger(i < text.size() ? static_cast<uint8_t>(text[i]) : 0);
        }
        return integer_constant(to, number);
      }
      if (from.form == ConstantForm::Float) {
        return float_constant(to, std::bit_cast<double>(from.bits));
      }
      {
        Value wider = from;
        wider.type = to;
        return wider;
      }
    case ValueKind::Runtime: return Value::of(to, builder_->cast(target.ir, from.id));
    case ValueKind::Functions: return converts(from, to) ? function_value(function_taking(from.id, target.parameters())) : Value::error();
    case ValueKind::Lambda: {
      const auto results = target.results();
      const TypeId result = results.empty() ? kVoidType : results.size() == 1 ? results[0] : types_.tuple(results);
      return lambda_value(from.id, target.parameters(), result, false, results.size() > 1);
    }
    case ValueKind::Multi: {
      PodVector<ValueId> parts;
      for (uint32_t i = 0; i < target.part_count; ++i) {
        parts.push_back(materialize(convert(Value::of(types_[from.type].parts[i], from.id + i), target.parts[i], where)));
      }
      return Value::of(to, tuple_object(to, {parts.data(), parts.size()}));
    }
    default: return Value::error();
  }
}

TypeId Checker::common_type(Value left, Value right) {
  if (left.type == right.type) {
    return left.type;
  }
  if (left.type == kNumberType && left.is_constant()) {
    const TypeKind kind = types_[right.type].kind;
    return kind == TypeKind::Integer || kind == TypeKind::Float || kind == TypeKind::FixedBytes || kind == TypeKind::Address ? right.type : kNoType;
  }
  if (right.type == kNumberType && right.is_constant()) {
    return common_type(right, left);
  }
  if (left.is_constant() && left.form == ConstantForm::Text && types_[right.type].kind == TypeKind::FixedBytes) {
    return right.type;
  }
  if (right.is_constant() && right.form == ConstantForm::Text && types_[left.type].kind == TypeKind::FixedBytes) {
    return left.type;
  }
  if (widens(types_[left.type], types_[right.type])) {
    return right.type;
  }
  return widens(types_[right.type], types_[left.type]) ? left.type : kNoType;
}

Value Checker::explicit_convert(Value from, TypeId to, NodeId where) {
  if (from.is_error() || to == kErrorType) {
    return Value::error();
  }
  if (!from.is_value()) {
    return convert(from.kind == ValueKind::Functions || from.kind == ValueKind::Lambda || from.kind == ValueKind::Multi ? from : to_runtime(from, where), to,
                   where);
  }
  const TypeInfo& target = types_[to];
  if (from.is_constant() && from.type == kNumberType) {
    if (target.kind == TypeKind::Integer && (from.form == ConstantForm::Decimal || from.form == ConstantForm::Fraction)) {
      const Rational value = exact(from);
      BigInteger quotient;
      BigInteger rest;
      BigInteger::divide(value.numerator, value.denominator, quotient, rest);
      return convert(number_constant({quotient}), to, where);
    }
    if (target.kind == TypeKind::Integer && unchecked_) {
      uint64_t limbs[4];
      exact(from).numerator.to_limbs(limbs);
      BigInteger wrapped = BigInteger::from_limbs(limbs, false);
      BigInteger quotient;
      BigInteger::divide(wrapped, BigInteger::power_of_two(target.bits), quotient, wrapped);
      if (target.is_signed && wrapped.bit_length() == target.bits) {
        wrapped = wrapped - BigInteger::power_of_two(target.bits);
      }
      return integer_constant(to, wrapped);
    }
    if (target.kind == TypeKind::Enum || to == kStringType) {
      return explicit_convert(convert(from, default_type(from), where), to, where);
    }
    return convert(from, to, where);
  }
  if (converts(from, to)) {
    return convert(from, to, where);
  }
  const TypeInfo& source = types_[from.type];
  auto integer_like = [](TypeKind kind) { return kind == TypeKind::Integer || kind == TypeKind::Address; };
  using enum TypeKind;
  at(where);
  if (source.kind == UserType && source.element == to) {
    return Value::of(to, materialize(from));
  }
  if (target.kind == UserType && target.element == from.type) {
    return Value::of(to, materialize(from));
  }
  if ((integer_like(source.kind) && integer_like(target.kind)) || (source.kind == Integer && target.kind == Float) ||
      (source.kind == Float && target.kind == Integer) || (source.kind == Float && target.kind == Float)) {
    if (from.is_constant() && source.kind == Integer && target.kind == Integer) {
      const BigInteger value = exact(from).numerator;
      if (value.fits(target.bits, target.is_signed)) {
        return integer_constant(to, value);
      }
    }
    if (from.is_constant() && source.kind == Integer && target.kind == Float) {
      const Rational value = exact(from);
      return float_constant(to, to == kFloat32Type ? value.to_float() : value.to_double());
    }
    if (from.is_constant() && source.kind == Float && target.kind == Float) {
      return float_constant(to, std::bit_cast<double>(from.bits));
    }
    if (from.is_constant() && source.kind == Float && target.kind == Integer) {
      const double value = std::trunc(std::bit_cast<double>(from.bits));
      if (value > -9e18 && value < 9e18 && BigInteger(static_cast<int64_t>(value)).fits(target.bits, target.is_signed)) {
        return Value::integer(to, static_cast<int64_t>(value));
      }
    }
    return Value::of(to, builder_->cast(target.ir, materialize(from), checked_flag()));
  }
  if (source.kind == Enum && target.kind == Integer) {
    return Value::of(to, builder_->cast(target.ir, materialize(from), checked_flag()));
  }
  if (source.kind == Integer && target.kind == Enum) {
    const ValueId number = materialize(from);
    const int64_t members = static_cast<int64_t>(decls_.enums[target.declaration].member_count);
    const ValueId wide = builder_->cast(ir::Type::S64, number, ir::kChecked);
    const ValueId low = builder_->compare(Op::Ge, wide, builder_->const_int(ir::Type::S64, 0));
    const ValueId high = builder_->compare(Op::Lt, wide, builder_->const_int(ir::Type::S64, members));
    builder_->emit(Op::CheckThat, ir::Type::Void, builder_->binary(Op::And, ir::Type::U1, low, high), ir::kNone, static_cast<uint32_t>(ir::PanicKind::BadEnum));
    return Value::of(to, builder_->cast(target.ir, wide));
  }
  if (source.kind == FixedBytes && target.kind == FixedBytes) {
    // Bytes keep their places from the left: widening adds zeros on the right, narrowing drops there.
    const ValueId number = materialize(from);
    if (target.bits > source.bits) {
      const ValueId wide = builder_->cast(target.ir, number);
      return Value::of(to, builder_->binary(Op::Shl, target.ir, wide, builder_->const_int(ir::Type::U32, target.bits - source.bits)));
    }
    const ValueId moved = builder_->binary(Op::Shr, source.ir, number, builder_->const_int(ir::Type::U32, source.bits - target.bits));
    return Value::of(to, builder_->cast(target.ir, moved));
  }
  if ((source.kind == FixedBytes && (target.kind == Integer || target.kind == Address) && source.bits == target.bits) ||
      ((source.kind == Integer || source.kind == Address) && target.kind == FixedBytes && source.bits == target.bits)) {
    return Value::of(to, source.ir == target.ir ? materialize(from) : builder_->cast(target.ir, materialize(from)));
  }
  if (source.kind == String && target.kind == Bytes) {
    return Value::of(to, builder_->call_runtime(ir::RuntimeFunctionId::BytesFromString, {materialize(from)}));
  }
  if (target.kind == String) {
    using enum ir::RuntimeFunctionId;
    if (source.kind == UserType) {
      return explicit_convert(Value::of(source.element, materialize(from)), to, where);
    }
    const ValueId value = materialize(from);
    switch (source.kind) {
      case Bytes: return Value::of(to, builder_->call_runtime(StringFromBytes, {value}));
      case Bool: return Value::of(to, builder_->call_runtime(StringFromBool, {value}));
      case Float: return Value::of(to, builder_->call_runtime(from.type == kFloat32Type ? StringFromF32 : StringFromF64, {value}));
      case Integer:
      case Address:
        if (source.bits > 64) {
          const uint32_t kind = source.bits | (source.is_signed ? 0x10000u : 0u);
          const ValueId wide = builder_->cast(source.is_signed ? ir::Type::S256 : ir::Type::U256, value);
          const ValueId at_address = stack_object(32);
          builder_->store(at_address, 0, wide);
          return Value::of(to, builder_->call_runtime(StringFromWide, {at_address, builder_->const_int(ir::Type::U32, kind)}));
        }
        return source.is_signed ? Value::of(to, builder_->call_runtime(StringFromI64, {builder_->cast(ir::Type::S64, value)}))
                                : Value::of(to, builder_->call_runtime(StringFromU64, {builder_->cast(ir::Type::U64, value)}));
      default: break;
    }
  }
  if (target.kind == Array && source.kind == FixedArray && target.element == source.element) {
    const ValueId fixed = materialize(from);
    const ValueId length = builder_->const_int(ir::Type::S64, static_cast<int64_t>(source.length));
    const ValueId array = new_array(length, source.element);
    const CountedLoop loop = begin_counted_loop(builder_->const_int(ir::Type::S64, 0), length, where);
    const ValueId i = builder_->get(loop.iv);
    element_set(array, i, builder_->emit(Op::FixedGet, types_.ir(source.element), fixed, i));
    end_counted_loop(loop);
    return Value::of(to, array);
  }
  report(Kind::NoConversion, where, {value_text(from), types_.text(to)});
  return Value::error();
}

}  // namespace omega::check
