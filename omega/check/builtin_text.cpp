// SPDX-License-Identifier: Apache-2.0
// Functions and methods of strings.
#include "omega/check/builtin_values.h"

namespace omega::check {
namespace {

using ir::Type;

std::string_view name_of(MethodKind kind) { return method_names()[static_cast<uint32_t>(kind)].name; }

TypeId strings_type(Checker& checker) { return checker.types().array_of(kStringType); }

/// `"what: \"text\""` as a string value.
ValueId quoted_error(Checker& checker, std::string_view what, ValueId text) {
  FormatPiece quoted;
  quoted.conversion = 'q';
  runtime_call(checker, RuntimeFunctionId::TextBegin, {});
  runtime_call(checker, RuntimeFunctionId::OutStr, {checker.builder().const_string(what)});
  runtime_call(checker, RuntimeFunctionId::OutSpecStr, {checker.builder().const_int(Type::U64, static_cast<int64_t>(quoted.spec())), text});
  return runtime_call(checker, RuntimeFunctionId::TextEnd, {});
}

Value parse_number(Checker& checker, const CallSite& site, bool is_float) {
  if (!check_argument_count(checker, site, is_float ? "parse_float" : "parse_int", 1, 1)) {
    return Value::error();
  }
  const ValueId text = checker.operand(site.arguments[0], kStringType);
  checker.at(site.node);
  const ValueId place = checker.stack_object(8);
  const ValueId code = is_float
                           ? runtime_call(checker, RuntimeFunctionId::ParseF64, {text, place})
                           : runtime_call(checker, RuntimeFunctionId::ParseInt, {text, const_u32(checker, integer_descriptor(checker, kInt64Type)), place});
  ir::FunctionBuilder& builder = checker.builder();
  const ValueId failed = builder.compare(Op::Ne, code, builder.const_int(Type::S32, 0));
  return result_of(checker, failed, is_float ? kFloat64Type : kInt64Type, place, [&] {
    const ValueId out_of_range = builder.compare(Op::Eq, code, builder.const_int(Type::S32, 2));
    const ValueId what = builder.select(Type::Ref, out_of_range, builder.const_string("number out of range: "),
                                        builder.const_string(is_float ? "not a number: " : "not an integer: "));
    return runtime_call(checker, RuntimeFunctionId::StringConcat, {what, quoted_error(checker, "", text)});
  });
}

Value join(Checker& checker, const CallSite& site) {
  if (!check_argument_count(checker, site, "join", 1, 2)) {
    return Value::error();
  }
  const ValueId parts = checker.operand(site.arguments[0], strings_type(checker));
  const ValueId separator = site.arguments.size() > 1 ? checker.operand(site.arguments[1], kStringType) : checker.builder().const_string("");
  checker.at(site.node);
  return Value::of(kStringType, runtime_call(checker, RuntimeFunctionId::StringJoin, {parts, separator}));
}

Value character(Checker& checker, const CallSite& site) {
  if (!check_argument_count(checker, site, "chr", 1, 1)) {
    return Value::error();
  }
  const ValueId code = checker.operand(site.arguments[0], kInt64Type);
  checker.at(site.node);
  const ValueId narrow = checker.builder().cast(Type::S32, code, ir::kChecked);
  return Value::of(kStringType, runtime_call(checker, RuntimeFunctionId::StringFromChar, {narrow}));
}

struct TextMethod {
  MethodKind kind;
  RuntimeFunctionId function;
  uint32_t arguments;  ///< strings
  TypeId result;       ///< kNoType: string[]
};

constexpr TextMethod kTextMethods[] = {
    {MethodKind::StartsWith, RuntimeFunctionId::StringStartsWith, 1, kBoolType},
    {MethodKind::EndsWith, RuntimeFunctionId::StringEndsWith, 1, kBoolType},
    {MethodKind::Split, RuntimeFunctionId::StringSplit, 1, kNoType},
    {MethodKind::Trim, RuntimeFunctionId::StringTrim, 0, kStringType},
    {MethodKind::Upper, RuntimeFunctionId::StringUpper, 0, kStringType},
    {MethodKind::Lower, RuntimeFunctionId::StringLower, 0, kStringType},
    {MethodKind::Replace, RuntimeFunctionId::StringReplace, 2, kStringType},
};

Value slice(Checker& checker, const CallSite& site, ValueId text) {
  if (!check_argument_count(checker, site, "slice", 1, 2)) {
    return Value::error();
  }
  const ValueId from = checker.operand(site.arguments[0], kInt64Type);
  const ValueId to = site.arguments.size() > 1 ? checker.operand(site.arguments[1], kInt64Type) : checker.array_length(text);
  checker.at(site.node);
  return Value::of(kStringType, runtime_call(checker, RuntimeFunctionId::StringSlice, {text, from, to}));
}

Value find(Checker& checker, const CallSite& site, ValueId text, bool only_whether) {
  if (!check_argument_count(checker, site, only_whether ? "contains" : "find", 1, only_whether ? 1 : 2)) {
    return Value::error();
  }
  const ValueId what = checker.operand(site.arguments[0], kStringType);
  const ValueId from = site.arguments.size() > 1 ? checker.operand(site.arguments[1], kInt64Type) : const_s64(checker, 0);
  checker.at(site.node);
  const ValueId at = runtime_call(checker, RuntimeFunctionId::StringFind, {text, what, from});
  return only_whether ? Value::of(kBoolType, checker.builder().compare(Op::Ge, at, const_s64(checker, 0))) : Value::of(kInt64Type, at);
}

}  // namespace

Value check_text_function(Checker& checker, FunctionKind kind, const CallSite& site) {
  switch (kind) {
    case FunctionKind::Join: return join(checker, site);
    case FunctionKind::ParseInt: return parse_number(checker, site, false);
    case FunctionKind::ParseFloat: return parse_number(checker, site, true);
    case FunctionKind::Chr: return character(checker, site);
    default: return Value::error();
  }
}

Value check_text_method(Checker& checker, MethodKind kind, const CallSite& site) {
  const ValueId text = checker.materialize(site.receiver);
  switch (kind) {
    case MethodKind::Slice: return slice(checker, site, text);
    case MethodKind::Find: return find(checker, site, text, false);
    case MethodKind::Contains: return find(checker, site, text, true);
    default: break;
  }
  for (const TextMethod& method : kTextMethods) {
    if (method.kind != kind) {
      continue;
    }
    if (!check_argument_count(checker, site, name_of(kind), method.arguments, method.arguments)) {
      return Value::error();
    }
    ValueId values[3] = {text};
    for (uint32_t i = 0; i < method.arguments; ++i) {
      values[i + 1] = checker.operand(site.arguments[i], kStringType);
    }
    checker.at(site.node);
    const ValueId result = checker.builder().call_runtime(method.function, std::span<const ValueId>(values, method.arguments + 1));
    return Value::of(method.result == kNoType ? strings_type(checker) : method.result, result);
  }
  return Value::error();
}

}  // namespace omega::check
