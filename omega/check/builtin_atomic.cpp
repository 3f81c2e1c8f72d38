// SPDX-License-Identifier: Apache-2.0
// atomic_add(place, e) and its kin. On an element or field it is an atomic instruction; on a local variable a plain `x = x op e`, which a
// parallel loop folds as a reduction: the same result, as no value comes back and all of these operations commute.
#include "omega/check/builtin_values.h"

namespace omega::check {
namespace {

using ir::AtomicOp;

struct AtomicFunction {
  AtomicOp atomic;
  Op op;
};

AtomicFunction function_of(FunctionKind kind) {
  switch (kind) {
    case FunctionKind::AtomicAdd: return {AtomicOp::Add, Op::Add};
    case FunctionKind::AtomicSub: return {AtomicOp::Sub, Op::Sub};
    case FunctionKind::AtomicMin: return {AtomicOp::Min, Op::Min};
    case FunctionKind::AtomicMax: return {AtomicOp::Max, Op::Max};
    case FunctionKind::AtomicAnd: return {AtomicOp::And, Op::And};
    case FunctionKind::AtomicOr: return {AtomicOp::Or, Op::Or};
    default: return {AtomicOp::Xor, Op::Xor};
  }
}

bool is_atomic_width(Checker& checker, TypeId type) {
  if (!is_integer_type(type)) {
    return false;
  }
  const uint32_t bits = checker.info(type).bits;
  return bits == 8 || bits == 16 || bits == 32 || bits == 64;
}

/// Where the place is in memory; kNone for those that have no fixed address.
ValueId address_of(Checker& checker, const Place& place) {
  ir::FunctionBuilder& builder = checker.builder();
  const uint32_t size = element_size(checker, place.type);
  switch (place.kind) {
    case Place::Kind::Field: return builder.emit(Op::FieldAddress, ir::Type::Ref, place.base, place.offset);
    case Place::Kind::Element: return builder.emit(Op::ElementAddress, ir::Type::Ref, place.base, place.index, size);
    case Place::Kind::Fixed: return builder.emit(Op::FixedAddress, ir::Type::Ref, place.base, place.index, size);
    default: return ir::kNone;
  }
}

}  // namespace

Value check_atomic_function(Checker& checker, FunctionKind kind, const CallSite& site) {
  const std::string_view name = function_names()[static_cast<uint32_t>(kind)].name;
  if (!check_argument_count(checker, site, name, 2, 2)) {
    return Value::error();
  }
  const parse::NodeKind shape = checker.node(site.arguments[0]).kind;
  if (shape != parse::NodeKind::Name && shape != parse::NodeKind::Member && shape != parse::NodeKind::Index) {
    checker.report(diag::Kind::AtomicPlace, site.arguments[0], {std::string(name)})
        .with_help("name the place to change: `" + std::string(name) + "(hits[i], 1)`");
    return Value::error();
  }
  const Place place = checker.place(site.arguments[0]);
  if (place.kind == Place::Kind::None) {
    return Value::error();
  }
  const bool is_local = place.kind == Place::Kind::Local;
  if (place.kind == Place::Kind::Entry || !(is_local ? is_integer_type(place.type) : is_atomic_width(checker, place.type))) {
    checker.report(diag::Kind::AtomicPlace, site.arguments[0], {std::string(name)})
        .with_help(place.type == kFloat64Type || place.type == kFloat32Type
                       ? "sums of floats are reductions: `total += x`, with a fixed order and the same bits on every run"
                       : "elements and fields of 8, 16, 32 or 64 bits and integer variables will do");
    return Value::error();
  }
  const ValueId operand = checker.operand(site.arguments[1], place.type);
  const AtomicFunction function = function_of(kind);
  ir::FunctionBuilder& builder = checker.builder();
  checker.at(site.node);
  if (is_local) {
    const ValueId old = checker.materialize(checker.load(place));
    checker.store(place, builder.binary(function.op, checker.types().ir(place.type), old, operand), site.arguments[0]);
    return Value::none();
  }
  const ValueId address = address_of(checker, place);
  builder.emit(Op::Atomic, ir::Type::Void, address, operand, static_cast<uint32_t>(function.atomic));
  return Value::none();
}

}  // namespace omega::check
