// SPDX-License-Identifier: Apache-2.0
// Arguments of built-in functions and patterns, and small facts about types that they need.
#include "omega/check/builtin_values.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace omega::check {

std::string count_text(uint32_t count, std::string_view noun) {
  std::string text = count == 0 ? "no" : std::to_string(count);
  text += ' ';
  text += noun;
  if (count > 1) {
    text += 's';
  }
  return text;
}

bool check_argument_count(Checker& checker, const CallSite& site, std::string_view name, uint32_t least, uint32_t most) {
  for (const NodeId argument : site.arguments) {
    if (checker.node(argument).kind == NodeKind::NamedArg) {
      const std::string_view text = checker.declarations().text(checker.tree().name(checker.node(argument)));
      checker.report(diag::Kind::PatternUnknownArgument, argument, {std::string(name), std::string(text)})
          .with_help("built-in functions take their arguments by position");
      return false;
    }
  }
  const uint32_t given = static_cast<uint32_t>(site.arguments.size());
  if (given >= least && given <= most) {
    return true;
  }
  std::string takes = count_text(least);
  if (most != least) {
    takes = most == UINT32_MAX ? "at least " + takes : std::to_string(least) + " to " + count_text(most);
  }
  checker.report(diag::Kind::BuiltinArgumentCount, site.node, {std::string(name), takes, std::to_string(given) + (given == 1 ? " is" : " are")});
  return false;
}

Value wrong_argument(Checker& checker, std::string_view name, std::string_view wanted, Value found, NodeId where) {
  if (!found.is_error()) {
    checker.report(diag::Kind::BuiltinArgumentType, where, {std::string(name), std::string(wanted), checker.value_text(found)});
  }
  return Value::error();
}

namespace {

/// What `"2s"` or `2.5` as a time may have meant.
std::string help_for_time(Checker& checker, Value given) {
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"", 1}};
  std::string help = "times are whole numbers of milliseconds";
  if (given.form != ConstantForm::Text) {
    return help;
  }
  const std::string_view text = checker.constant_text(given);
  int64_t number = 0;
  const auto [behind, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit = text.substr(static_cast<size_t>(behind - text.data()));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  for (const auto& [name, factor] : kUnits) {
    if (failure == std::errc{} && number >= 0 && number < 1'000'000 && unit == name) {
      return help + ": `" + std::to_string(number * factor) + "`";
    }
  }
  return help;
}

/// A whole number of milliseconds.
ValueId time(Checker& checker, NodeId node) {
  const Value given = checker.expression(node, kInt64Type);
  if (given.is_constant() && !checker.converts(given, kInt64Type)) {
    checker.report(diag::Kind::TypeMismatch, node, {checker.type_text(kInt64Type), checker.value_text(given)}).with_help(help_for_time(checker, given));
    return checker.poison(kInt64Type);
  }
  const Value value = checker.convert(given, kInt64Type, node);
  return value.is_error() ? checker.poison(kInt64Type) : checker.materialize(value);
}

}  // namespace

ValueId nanoseconds(Checker& checker, NodeId milliseconds) {
  const ValueId value = time(checker, milliseconds);
  ir::FunctionBuilder& builder = checker.builder();
  constexpr int64_t kMost = 1'000'000'000'000;  // more than 30 years
  const ValueId low = builder.binary(Op::Max, ir::Type::S64, value, const_s64(checker, 0));
  const ValueId kept = builder.binary(Op::Min, ir::Type::S64, low, const_s64(checker, kMost));
  return builder.binary(Op::Mul, ir::Type::S64, kept, const_s64(checker, 1'000'000));
}

bool constant_string(Checker& checker, NodeId node, std::string_view* text) {
  const Value value = checker.expression(node, kStringType);
  if (!value.is_constant() || value.form != ConstantForm::Text) {
    return false;
  }
  *text = checker.constant_text(value);
  return true;
}

std::span<const NodeId> call_arguments(Checker& checker, NodeId call) { return checker.tree().list(checker.node(call).b); }

ValueId runtime_call(Checker& checker, RuntimeFunctionId function, std::initializer_list<ValueId> arguments) {
  return checker.builder().call_runtime(function, arguments);
}

TypeId underlying_type(Checker& checker, TypeId type) {
  while (checker.info(type).kind == TypeKind::UserType) {
    type = checker.info(type).element;
  }
  return type;
}

uint32_t key_kind(Checker& checker, TypeId type) {
  constexpr uint32_t kScalar = 1;
  constexpr uint32_t kString = 2;
  constexpr uint32_t kFloat64 = 3;
  constexpr uint32_t kFloat32 = 4;
  type = underlying_type(checker, type);
  switch (checker.info(type).kind) {
    case TypeKind::Bool:
    case TypeKind::Integer:
    case TypeKind::FixedBytes:
    case TypeKind::Address:
    case TypeKind::Enum: return kScalar;
    case TypeKind::String:
    case TypeKind::Bytes: return kString;
    case TypeKind::Float: return type == kFloat32Type ? kFloat32 : kFloat64;
    default: return 0;
  }
}

uint32_t integer_descriptor(Checker& checker, TypeId type) {
  const ir::Type value = checker.types().ir(type);
  return ir::bit_width(value) | (ir::is_signed(value) ? 0x10000u : 0u);
}

}  // namespace omega::check
