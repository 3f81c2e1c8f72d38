// SPDX-License-Identifier: Apache-2.0
// What the files of patterns and built-in functions share: results, arguments, text of values.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "omega/check/builtin_format.h"
#include "omega/check/checker.h"
#include "omega/check/result_type.h"

namespace omega::check {

using ir::RuntimeFunctionId;

// ---- arguments (builtin_values.cpp) ----

/// Positional arguments only, between `least` and `most` of them; reports otherwise. `takes` for the message: "one argument".
bool check_argument_count(Checker& checker, const CallSite& site, std::string_view name, uint32_t least, uint32_t most);
/// "no argument", "1 argument", "3 arguments".
std::string count_text(uint32_t count, std::string_view noun = "argument");
/// Reports that `found` is not `wanted` ("a string"). Gives Value::error().
Value wrong_argument(Checker& checker, std::string_view name, std::string_view wanted, Value found, NodeId where);
/// Milliseconds of an argument as s64 nanoseconds, kept in range.
ValueId nanoseconds(Checker& checker, NodeId milliseconds);
/// A string constant or literal; false after a report with `wanted` as in "`.on_error:` of `parallel` must be …".
bool constant_string(Checker& checker, NodeId node, std::string_view* text);
/// The arguments of the call node, NamedArg nodes among them.
std::span<const NodeId> call_arguments(Checker& checker, NodeId call);
/// Calls a runtime function at this node.
ValueId runtime_call(Checker& checker, RuntimeFunctionId function, std::initializer_list<ValueId> arguments);
inline ValueId const_u32(Checker& checker, uint32_t value) { return checker.builder().const_int(ir::Type::U32, value); }
inline ValueId const_s64(Checker& checker, int64_t value) { return checker.builder().const_int(ir::Type::S64, value); }
/// Bytes of an element or field of this type.
inline uint32_t element_size(Checker& checker, TypeId type) { return checker.info(type).size; }
/// The runtime's om_key_kind of a mapping or cache key, 0 when the type cannot be one.
uint32_t key_kind(Checker& checker, TypeId type);
/// The runtime's OM_INT of an integer, enum, FixedBytes or address type.
uint32_t integer_descriptor(Checker& checker, TypeId type);
/// The type behind `type X is T`.
TypeId underlying_type(Checker& checker, TypeId type);

// ---- results (builtin_result.cpp) ----

/// A result object with a value. A Void type gives Result<bool> with true.
ValueId make_ok(Checker& checker, TypeId type, ValueId value);
/// A result object with an error text (a string).
ValueId make_error(Checker& checker, TypeId type, ValueId text);
/// The Result type around `type`; around bool for Void.
TypeId result_type_of(Checker& checker, TypeId type);
/// Result of a runtime call that wrote a `type` to the stack object: ok when `failed` (u1) is false, else the error `text` gives (called in the
/// block of the error).
template <class Text>
Value result_of(Checker& checker, ValueId failed, TypeId type, ValueId place, Text&& text);
/// `result.or(default)`.
Value result_or(Checker& checker, const CallSite& site);

// ---- text of values (builtin_output.cpp) ----

/// Emits the output of a value as `%v`, or by a conversion.
void emit_output(Checker& checker, Value value, const FormatPiece* piece, NodeId where);
/// The signature text of a type as om_out_described takes it.
std::string describe_type(Checker& checker, TypeId type);
/// `string(x)` of any printable value.
Value text_of(Checker& checker, Value value, NodeId where);

// ---- groups of functions and methods; each gives the value, or an error after a report ----

Value check_output_function(Checker& checker, FunctionKind kind, const CallSite& site);
Value check_math_function(Checker& checker, FunctionKind kind, const CallSite& site);
Value check_text_function(Checker& checker, FunctionKind kind, const CallSite& site);
Value check_system_function(Checker& checker, FunctionKind kind, const CallSite& site);
Value check_failing_function(Checker& checker, FunctionKind kind, const CallSite& site);
Value check_atomic_function(Checker& checker, FunctionKind kind, const CallSite& site);
Value check_text_method(Checker& checker, MethodKind kind, const CallSite& site);
Value check_array_method(Checker& checker, MethodKind kind, const CallSite& site);
Value check_mapping_method(Checker& checker, MethodKind kind, const CallSite& site);
Value check_random_method(Checker& checker, MethodKind kind, const CallSite& site);
/// `sort(xs)`, `sort(xs, (a, b) => …)`, with the array evaluated.
Value sort_array(Checker& checker, Value array, NodeId comparison, NodeId where);
/// A shallow copy of any value.
Value copy_value(Checker& checker, Value value, NodeId where);

// ---- patterns ----

struct PatternArguments;
Value check_pipeline(Checker& checker, PatternKind kind, const CallSite& site, const PatternArguments& arguments);
Value check_run(Checker& checker, const CallSite& site, const PatternArguments& arguments);
Value check_try(Checker& checker, const CallSite& site, const PatternArguments& arguments);
Value check_timeout(Checker& checker, const CallSite& site, const PatternArguments& arguments);
Value check_retry(Checker& checker, const CallSite& site, const PatternArguments& arguments);
Value check_parallel(Checker& checker, const CallSite& site, const PatternArguments& arguments);
Value check_cache(Checker& checker, const CallSite& site, const PatternArguments& arguments);
Value check_validate(Checker& checker, const CallSite& site, const PatternArguments& arguments);
Value check_recurse(Checker& checker, const CallSite& site, const PatternArguments& arguments);
/// Reports a body of type Void where a value is needed.
Value needs_value(Checker& checker, std::string_view pattern, NodeId body);

template <class Text>
Value result_of(Checker& checker, ValueId failed, TypeId type, ValueId place, Text&& text) {
  ir::FunctionBuilder& builder = checker.builder();
  const Label bad = builder.new_label();
  const Label good = builder.new_label();
  const Label done = builder.new_label();
  const ir::SlotId slot = builder.add_slot(ir::Type::Ref);
  builder.cond_br(failed, bad, good);
  builder.start_block(good);
  builder.set(slot, make_ok(checker, type, type == kVoidType ? ir::kNone : checker.load_field(place, 0, type)));
  builder.br(done);
  builder.start_block(bad);
  builder.set(slot, make_error(checker, type, text()));
  builder.br(done);
  builder.start_block(done);
  return Value::of(result_type_of(checker, type), builder.get(slot));
}

}  // namespace omega::check
