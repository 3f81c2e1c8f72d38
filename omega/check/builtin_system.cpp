// SPDX-License-Identifier: Apache-2.0
// Input, files, environment, clock, processors, random numbers, and what ends or fails a program.
#include "omega/check/builtin_values.h"

namespace omega::check {
namespace {

using ir::PanicKind;
using ir::Type;

std::string_view name_of(FunctionKind kind) { return function_names()[static_cast<uint32_t>(kind)].name; }

Value read_line(Checker& checker, const CallSite& site) {
  const ValueId place = checker.stack_object(8);
  const ValueId got = runtime_call(checker, RuntimeFunctionId::ReadLine, {place});
  (void)site;
  const ValueId failed = checker.builder().unary(Op::Not, Type::U1, got);
  return result_of(checker, failed, kStringType, place, [&] { return checker.builder().const_string("end of input"); });
}

/// A call whose runtime function gives 0 and stores what was read, or an errno and stores the error's text.
Value file_result(Checker& checker, ValueId code, ValueId place, TypeId type) {
  ir::FunctionBuilder& builder = checker.builder();
  const ValueId failed = builder.compare(Op::Ne, code, builder.const_int(Type::S32, 0));
  return result_of(checker, failed, type, place, [&] { return builder.load(Type::Ref, place, 0); });
}

Value read_file(Checker& checker, const CallSite& site, TypeId type) {
  const ValueId path = checker.operand(site.arguments[0], kStringType);
  checker.at(site.node);
  const ValueId place = checker.stack_object(8);
  return file_result(checker, runtime_call(checker, RuntimeFunctionId::ReadFile, {path, place}), place, type);
}

Value write_file(Checker& checker, const CallSite& site) {
  const ValueId path = checker.operand(site.arguments[0], kStringType);
  Value data = checker.expression(site.arguments[1], kStringType);
  if (data.is_error()) {
    return data;
  }
  if (!checker.converts(data, kStringType) && data.type != kBytesType) {
    return wrong_argument(checker, "write_file", "a string or bytes", data, site.arguments[1]);
  }
  const ValueId content = checker.materialize(data);
  checker.at(site.node);
  const ValueId place = checker.stack_object(8);
  return file_result(checker, runtime_call(checker, RuntimeFunctionId::WriteFile, {path, content, place}), place, kVoidType);
}

Value environment(Checker& checker, const CallSite& site) {
  const ValueId name = checker.operand(site.arguments[0], kStringType);
  checker.at(site.node);
  const ValueId place = checker.stack_object(8);
  const ValueId got = runtime_call(checker, RuntimeFunctionId::Environment, {name, place});
  ir::FunctionBuilder& builder = checker.builder();
  return result_of(checker, builder.unary(Op::Not, Type::U1, got), kStringType, place,
                   [&] { return runtime_call(checker, RuntimeFunctionId::StringConcat, {builder.const_string("not set in the environment: "), name}); });
}

Value exit_program(Checker& checker, const CallSite& site) {
  ir::FunctionBuilder& builder = checker.builder();
  const ValueId code = site.arguments.empty() ? const_s64(checker, 0) : checker.operand(site.arguments[0], kInt64Type);
  checker.at(site.node);
  const ValueId narrow = builder.cast(Type::U8, code, ir::kChecked);
  runtime_call(checker, RuntimeFunctionId::Exit, {builder.cast(Type::S32, narrow)});
  builder.unreachable();
  return Value::none();
}

Value random_generator(Checker& checker, const CallSite& site) {
  const Value seed = checker.runtime_expression(site.arguments[0], kInt64Type);
  if (seed.is_error()) {
    return seed;
  }
  if (!is_integer_type(seed.type)) {
    return wrong_argument(checker, "random", "an integer", seed, site.arguments[0]);
  }
  ir::FunctionBuilder& builder = checker.builder();
  checker.at(site.node);
  const ValueId state = builder.emit(Op::NewObject, Type::Ref, 32, 0, 0, ir::kNoRefs);
  const ValueId word = seed.type == kUint64Type ? seed.id : builder.cast(Type::U64, checker.materialize(seed));
  runtime_call(checker, RuntimeFunctionId::RandomSeed, {state, word});
  return Value::of(kRandomType, state);
}

Value count(Checker& checker, RuntimeFunctionId function) {
  return Value::of(kInt64Type, checker.builder().cast(Type::S64, runtime_call(checker, function, {})));
}

/// Panics with the text of `message` (0: none) unless the condition holds; the text is only made then.
void fail_unless(Checker& checker, NodeId condition, NodeId message, PanicKind kind, NodeId where) {
  ir::FunctionBuilder& builder = checker.builder();
  const Label fine = builder.new_label();
  const Label failed = builder.new_label();
  checker.condition(condition, fine, failed);
  builder.start_block(failed);
  const ValueId text = message == 0 ? ir::kNone : checker.operand(message, kStringType);
  checker.at(where);
  builder.panic(kind, text);
  builder.start_block(fine);
}

}  // namespace

Value check_failing_function(Checker& checker, FunctionKind kind, const CallSite& site) {
  const std::string_view name = name_of(kind);
  if (kind == FunctionKind::Revert) {
    if (!check_argument_count(checker, site, name, 0, 1)) {
      return Value::error();
    }
    const ValueId text = site.arguments.empty() ? ir::kNone : checker.operand(site.arguments[0], kStringType);
    checker.at(site.node);
    checker.builder().panic(PanicKind::Revert, text);
    return Value::none();
  }
  if (!check_argument_count(checker, site, name, 1, kind == FunctionKind::Require ? 2 : 1)) {
    return Value::error();
  }
  const NodeId message = site.arguments.size() > 1 ? site.arguments[1] : 0;
  fail_unless(checker, site.arguments[0], message, kind == FunctionKind::Require ? PanicKind::Require : PanicKind::Assert, site.node);
  return Value::none();
}

Value check_system_function(Checker& checker, FunctionKind kind, const CallSite& site) {
  uint32_t least = 0;
  uint32_t most = 0;
  switch (kind) {
    case FunctionKind::WriteFile: least = most = 2; break;
    case FunctionKind::Exit: most = 1; break;
    case FunctionKind::ReadFile:
    case FunctionKind::ReadBytes:
    case FunctionKind::Env:
    case FunctionKind::Sleep:
    case FunctionKind::Random: least = most = 1; break;
    default: break;
  }
  if (!check_argument_count(checker, site, name_of(kind), least, most)) {
    return Value::error();
  }
  checker.at(site.node);
  switch (kind) {
    case FunctionKind::ReadLine: return read_line(checker, site);
    case FunctionKind::ReadInput: return Value::of(kStringType, runtime_call(checker, RuntimeFunctionId::ReadAll, {}));
    case FunctionKind::ReadFile: return read_file(checker, site, kStringType);
    case FunctionKind::ReadBytes: return read_file(checker, site, kBytesType);
    case FunctionKind::WriteFile: return write_file(checker, site);
    case FunctionKind::Env: return environment(checker, site);
    case FunctionKind::Args: return Value::of(checker.types().array_of(kStringType), runtime_call(checker, RuntimeFunctionId::Args, {}));
    case FunctionKind::Exit: return exit_program(checker, site);
    case FunctionKind::ClockNs: return Value::of(kInt64Type, runtime_call(checker, RuntimeFunctionId::Clock, {}));
    case FunctionKind::Sleep: {
      const ValueId duration = nanoseconds(checker, site.arguments[0]);
      runtime_call(checker, RuntimeFunctionId::Sleep, {duration});
      return Value::none();
    }
    case FunctionKind::CpuCount: return count(checker, RuntimeFunctionId::ProcessorCount);
    case FunctionKind::ThreadCount: return count(checker, RuntimeFunctionId::ThreadCount);
    case FunctionKind::Random: return random_generator(checker, site);
    default: return Value::error();
  }
}

Value check_random_method(Checker& checker, MethodKind kind, const CallSite& site) {
  const uint32_t arguments = kind == MethodKind::Range ? 2 : 0;
  if (!check_argument_count(checker, site, method_names()[static_cast<uint32_t>(kind)].name, arguments, arguments)) {
    return Value::error();
  }
  const ValueId state = checker.materialize(site.receiver);
  checker.at(site.node);
  switch (kind) {
    case MethodKind::Next: return Value::of(kUint64Type, runtime_call(checker, RuntimeFunctionId::RandomNext, {state}));
    case MethodKind::Float: return Value::of(kFloat64Type, runtime_call(checker, RuntimeFunctionId::RandomFloat, {state}));
    case MethodKind::Range: {
      const ValueId low = checker.operand(site.arguments[0], kInt64Type);
      const ValueId high = checker.operand(site.arguments[1], kInt64Type);
      checker.at(site.node);
      return Value::of(kInt64Type, runtime_call(checker, RuntimeFunctionId::RandomRange, {state, low, high}));
    }
    default: return Value::error();
  }
}

}  // namespace omega::check
