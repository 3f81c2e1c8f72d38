// SPDX-License-Identifier: Apache-2.0
// Mathematical functions: of floats by the runtime's own code, `abs`, `min`, `max` of integers too.
#include "omega/check/builtin_values.h"

namespace omega::check {
namespace {

using ir::Type;

struct FloatFunction {
  FunctionKind kind;
  RuntimeFunctionId function;
  uint32_t count;
};

constexpr FloatFunction kFloatFunctions[] = {
    {FunctionKind::Sin, RuntimeFunctionId::Sin, 1},     {FunctionKind::Cos, RuntimeFunctionId::Cos, 1},     {FunctionKind::Tan, RuntimeFunctionId::Tan, 1},
    {FunctionKind::Asin, RuntimeFunctionId::Asin, 1},   {FunctionKind::Acos, RuntimeFunctionId::Acos, 1},   {FunctionKind::Atan, RuntimeFunctionId::Atan, 1},
    {FunctionKind::Atan2, RuntimeFunctionId::Atan2, 2}, {FunctionKind::Sinh, RuntimeFunctionId::Sinh, 1},   {FunctionKind::Cosh, RuntimeFunctionId::Cosh, 1},
    {FunctionKind::Tanh, RuntimeFunctionId::Tanh, 1},   {FunctionKind::Exp, RuntimeFunctionId::Exp, 1},     {FunctionKind::Log, RuntimeFunctionId::Log, 1},
    {FunctionKind::Log2, RuntimeFunctionId::Log2, 1},   {FunctionKind::Log10, RuntimeFunctionId::Log10, 1}, {FunctionKind::Pow, RuntimeFunctionId::Pow, 2},
    {FunctionKind::Cbrt, RuntimeFunctionId::Cbrt, 1},   {FunctionKind::Hypot, RuntimeFunctionId::Hypot, 2}, {FunctionKind::Floor, RuntimeFunctionId::Floor, 1},
    {FunctionKind::Ceil, RuntimeFunctionId::Ceil, 1},   {FunctionKind::Round, RuntimeFunctionId::Round, 1}, {FunctionKind::Trunc, RuntimeFunctionId::Trunc, 1},
};

std::string_view name_of(FunctionKind kind) { return function_names()[static_cast<uint32_t>(kind)].name; }

/// The float type that literals take which nothing else gives one.
TypeId literal_type(TypeId hint) { return is_float_type(hint) ? hint : kFloat64Type; }

/// An argument that must be a float, or a literal, which stays open.
Value open_argument(Checker& checker, std::string_view name, NodeId node, TypeId hint) {
  const Value value = checker.expression(node, literal_type(hint));
  return value.is_error() || value.type == kNumberType || is_float_type(value.type) ? value : wrong_argument(checker, name, "a float", value, node);
}

/// Arguments come to one type, as with operators, and the result has it.
Value float_function(Checker& checker, const FloatFunction& function, const CallSite& site) {
  const std::string_view name = name_of(function.kind);
  if (!check_argument_count(checker, site, name, function.count, function.count)) {
    return Value::error();
  }
  Value arguments[2];
  TypeId type = kNoType;
  for (uint32_t i = 0; i < function.count; ++i) {
    arguments[i] = open_argument(checker, name, site.arguments[i], site.hint);
    if (arguments[i].is_error()) {
      return Value::error();
    }
    if (arguments[i].type != kNumberType && type != kFloat64Type) {
      type = arguments[i].type;
    }
  }
  type = type == kNoType ? literal_type(site.hint) : type;
  ValueId values[2] = {};
  for (uint32_t i = 0; i < function.count; ++i) {
    const Value value = checker.convert(arguments[i], type, site.arguments[i]);
    if (value.is_error()) {
      return value;
    }
    const ValueId id = checker.materialize(value);
    values[i] = type == kFloat32Type ? checker.builder().cast(Type::F64, id) : id;
  }
  checker.at(site.node);
  const ValueId result = checker.builder().call_runtime(function.function, std::span<const ValueId>(values, function.count));
  return Value::of(type, type == kFloat32Type ? checker.builder().cast(Type::F32, result) : result);
}

Value square_root(Checker& checker, const CallSite& site) {
  if (!check_argument_count(checker, site, "sqrt", 1, 1)) {
    return Value::error();
  }
  const NodeId argument = site.arguments[0];
  Value value = open_argument(checker, "sqrt", argument, site.hint);
  if (value.type == kNumberType) {
    value = checker.convert(value, literal_type(site.hint), argument);
  }
  if (value.is_error()) {
    return value;
  }
  const ValueId id = checker.materialize(value);
  checker.at(site.node);
  return Value::of(value.type, checker.builder().unary(Op::Sqrt, checker.types().ir(value.type), id));
}

bool is_number(TypeId type) { return is_integer_type(type) || is_float_type(type); }

Value absolute(Checker& checker, const CallSite& site) {
  if (!check_argument_count(checker, site, "abs", 1, 1)) {
    return Value::error();
  }
  const Value value = checker.runtime_expression(site.arguments[0], site.hint);
  if (value.is_error()) {
    return value;
  }
  if (!is_number(value.type)) {
    return wrong_argument(checker, "abs", "a number", value, site.arguments[0]);
  }
  const Type type = checker.types().ir(value.type);
  if (ir::is_integer(type) && !ir::is_signed(type)) {
    return value;
  }
  checker.at(site.node);
  const uint8_t flag = ir::is_integer(type) ? checker.checked_flag() : 0;
  return Value::of(value.type, checker.builder().unary(Op::Abs, type, checker.materialize(value), flag));
}

/// `min(a, b, …)`: all come to one type.
Value extreme(Checker& checker, const CallSite& site, Op op, std::string_view name) {
  if (site.arguments.size() == 1) {
    checker.report(diag::Kind::BuiltinArgumentCount, site.node, {std::string(name), "at least " + count_text(2), "1 is"})
        .with_help("of the elements of an array: `xs.fold(xs[0], (a, x) => " + std::string(name) + "(a, x))`");
    return Value::error();
  }
  if (!check_argument_count(checker, site, name, 2, UINT32_MAX)) {
    return Value::error();
  }
  std::vector<Value> values;
  Value all;
  for (const NodeId node : site.arguments) {
    Value value = checker.expression(node, site.hint);
    if (value.is_error()) {
      return value;
    }
    if (value.type != kNumberType && !is_number(value.type)) {
      return wrong_argument(checker, name, "a number", value, node);
    }
    if (values.empty()) {
      all = value;
    } else {
      const TypeId common = checker.common_type(all, value);
      if (common == kNoType) {
        return checker.mismatch(all.type, value, node);
      }
      if (common != all.type || all.type == kNumberType) {
        all = common == kNumberType ? (checker.default_type(value) == kFloat64Type ? value : all) : Value::of(common, 0);
      }
    }
    values.push_back(value);
  }
  TypeId type = all.type == kNumberType ? checker.default_type(all) : all.type;
  if (all.type == kNumberType && is_number(site.hint)) {
    type = site.hint;
  }
  ValueId best = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const Value value = checker.convert(values[i], type, site.arguments[i]);
    if (value.is_error()) {
      return value;
    }
    const ValueId id = checker.materialize(value);
    checker.at(site.node);
    best = i == 0 ? id : checker.builder().binary(op, checker.types().ir(type), best, id);
  }
  return Value::of(type, best);
}

}  // namespace

Value check_math_function(Checker& checker, FunctionKind kind, const CallSite& site) {
  switch (kind) {
    case FunctionKind::Sqrt: return square_root(checker, site);
    case FunctionKind::Abs: return absolute(checker, site);
    case FunctionKind::Min: return extreme(checker, site, Op::Min, "min");
    case FunctionKind::Max: return extreme(checker, site, Op::Max, "max");
    default: break;
  }
  for (const FloatFunction& function : kFloatFunctions) {
    if (function.kind == kind) {
      return float_function(checker, function, site);
    }
  }
  return Value::error();
}

}  // namespace omega::check
