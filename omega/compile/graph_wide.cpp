// SPDX-License-Identifier: Apache-2.0
// Integers wider than 64 bits in graphs, by the runtime's own arithmetic.
#include <algorithm>
#include <cstring>

#include "omega/compile/graph_operators.h"
#include "omega/compile/wide_integer.h"
#include "omega/ir/op_info.h"

namespace omega::compile {

using graph::Call;
using graph::DType;
using graph::Value;
using ir::Op;
using ir::Type;

graph::Value wide_value(const WideLimbs& limbs) {
  int64_t words[kLimbs];
  std::memcpy(words, limbs.data(), sizeof words);
  return Value::array(std::span<const int64_t>(words));
}

uint32_t runtime_type(Type type) { return OM_INT(ir::bit_width(type), ir::is_signed(type)); }

om_wide wide_of(const Value& value, Type type) {
  om_wide wide;
  if (!ir::is_wide(type)) {
    const int64_t bits = bits_of(value);
    ir::is_signed(type) ? om_wide_from_i64(&wide, bits) : om_wide_from_u64(&wide, static_cast<uint64_t>(bits));
    return wide;
  }
  const graph::Array& limbs = value.as_array();
  if (limbs.dtype() != DType::int64 || limbs.count() != kLimbs) {
    throw std::invalid_argument("an integer of type " + ir::type_name(type) + " is int64[4], not " + value.describe());
  }
  std::memcpy(wide.limb, limbs.data(), sizeof wide.limb);
  return wide;
}

Value value_of(const om_wide& wide, Type type) {
  if (!ir::is_wide(type)) {
    return value_of(static_cast<int64_t>(wide.limb[0]), type);
  }
  WideLimbs limbs;
  std::copy(std::begin(wide.limb), std::end(wide.limb), limbs.begin());
  return wide_value(limbs);
}

namespace {

/// What an operation says about its result: a panic where the program asks for one.
void require(uint32_t status, bool checked) {
  if ((status & OM_WIDE_ZERO) != 0) {
    panic("division by zero");
  }
  if (checked && (status & OM_WIDE_OVERFLOW) != 0) {
    panic("overflow");
  }
}

Type type_attribute(const Call& call, std::string_view key) { return static_cast<Type>(integer_attribute(call, key)); }

/// The amount of a shift: all that is more than 64 bits is more than any width.
uint64_t amount_of(const Value& value, Type type) {
  const om_wide wide = wide_of(value, type);
  const bool is_large = ir::is_wide(type) && (wide.limb[1] | wide.limb[2] | wide.limb[3]) != 0;
  return is_large ? UINT64_MAX : wide.limb[0];
}

uint32_t combine(om_wide& r, Op op, const om_wide& a, const om_wide& b, uint32_t type) {
  switch (op) {
    case Op::Add: return om_wide_add(&r, &a, &b, type);
    case Op::Sub: return om_wide_sub(&r, &a, &b, type);
    case Op::Mul: return om_wide_mul(&r, &a, &b, type);
    case Op::Div: return om_wide_div(&r, &a, &b, type);
    case Op::Mod: return om_wide_mod(&r, &a, &b, type) & OM_WIDE_ZERO;
    case Op::Pow: return om_wide_pow(&r, &a, &b, type);
    case Op::And: return om_wide_and(&r, &a, &b), 0;
    case Op::Or: return om_wide_or(&r, &a, &b), 0;
    case Op::Xor: return om_wide_xor(&r, &a, &b), 0;
    case Op::Min: return r = om_wide_cmp(&b, &a, type) < 0 ? b : a, 0;
    case Op::Max: return r = om_wide_cmp(&b, &a, type) > 0 ? b : a, 0;
    default: throw std::invalid_argument("`omega.wide` does not know operation " + std::string(ir::op_info(op).text));
  }
}

bool compares(Op op, int32_t order) {
  switch (op) {
    case Op::Eq: return order == 0;
    case Op::Ne: return order != 0;
    case Op::Lt: return order < 0;
    case Op::Le: return order <= 0;
    case Op::Gt: return order > 0;
    default: return order >= 0;
  }
}

void run_unary(Call& call, Op op, Type type, bool checked) {
  om_wide a = wide_of(call.input(0), type);
  if (op == Op::Not) {
    om_wide_not(&a, &a, runtime_type(type));
  } else if (op == Op::Neg || (ir::is_signed(type) && static_cast<int64_t>(a.limb[kLimbs - 1]) < 0)) {
    require(om_wide_neg(&a, &a, runtime_type(type)), checked);
  }
  call.set(0, value_of(a, type));
}

void run_wide(Call& call) {
  const auto op = static_cast<Op>(integer_attribute(call, "op"));
  const Type type = type_attribute(call, "type");
  const Type second = type_attribute(call, "second");
  const bool checked = integer_attribute(call, "checked") != 0;
  if (call.input_count() == 1) {
    run_unary(call, op, type, checked);
    return;
  }
  om_wide result = wide_of(call.input(0), type);
  if (op == Op::Shl || op == Op::Shr) {
    const uint64_t by = amount_of(call.input(1), second);
    const om_wide a = result;
    if (op == Op::Shl) {
      om_wide_shl(&result, &a, by, runtime_type(type));
    } else {
      om_wide_shr(&result, &a, by, runtime_type(type));
    }
    call.set(0, value_of(result, type));
    return;
  }
  const om_wide b = wide_of(call.input(1), second);
  if (op >= Op::Eq && op <= Op::Ge) {
    call.set(0, Value(compares(op, om_wide_cmp(&result, &b, runtime_type(type)))));
    return;
  }
  const om_wide a = result;
  require(combine(result, op, a, b, runtime_type(type)), checked);
  call.set(0, value_of(result, type));
}

void run_wide_cast(Call& call) {
  const Type from = type_attribute(call, "from");
  const Type to = type_attribute(call, "to");
  const Value& input = call.input(0);
  om_wide result;
  if (ir::is_float(from)) {
    const double value = from == Type::F32 ? static_cast<double>(input.as_float32()) : input.as_float64();
    if (om_wide_from_f64(&result, value, runtime_type(to)) != 0) {
      panic("bad cast");
    }
    call.set(0, value_of(result, to));
    return;
  }
  const om_wide a = wide_of(input, from);
  if (ir::is_float(to)) {
    const double value = om_wide_to_f64(&a, runtime_type(from));
    call.set(0, to == Type::F32 ? Value(static_cast<float>(value)) : Value(value));
    return;
  }
  if (om_wide_convert(&result, &a, runtime_type(from), runtime_type(to)) != 0 && integer_attribute(call, "checked") != 0) {
    panic("bad cast");
  }
  call.set(0, value_of(result, to));
}

}  // namespace

void add_wide_operators(graph::OperatorRegistry& registry) {
  registry.add("omega.wide", run_wide);
  registry.add("omega.wide_cast", run_wide_cast);
}

}  // namespace omega::compile
