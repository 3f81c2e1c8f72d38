// SPDX-License-Identifier: Apache-2.0
// What the language itself names (builtin_names.def): functions, methods of built-in types, patterns; builtin_*.cpp and pattern_*.cpp have them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "omega/check/value.h"

namespace omega::check {

class Checker;

/// One use of a built-in, its arguments not evaluated yet.
struct CallSite {
  parse::NodeId node = 0;                    ///< the Call
  std::span<const parse::NodeId> arguments;  ///< in source order; NamedArg nodes among them
  Value receiver;                            ///< methods: the evaluated object
  parse::NodeId receiver_node = 0;           ///< methods: the object's node; patterns called as `xs.p()`: not evaluated yet, 0 for `p(xs)`
  TypeId hint = kNoType;                     ///< the type its context would like
};

enum class PatternKind : uint8_t {
#define OMEGA_PATTERN(kind, name) kind,
#include "omega/check/builtin_names.def"
};
enum class FunctionKind : uint8_t {
#define OMEGA_BUILTIN_FUNCTION(kind, name) kind,
#include "omega/check/builtin_names.def"
};
enum class MethodKind : uint8_t {
#define OMEGA_METHOD(kind, name, receivers) kind,
#include "omega/check/builtin_names.def"
};

/// A row of builtin_names.def.
struct BuiltinName {
  std::string_view name;
  std::string_view receivers;  ///< methods
  double value = 0;            ///< constants
};
/// Indexed by PatternKind, FunctionKind, MethodKind; constants in order.
std::span<const BuiltinName> pattern_names();
std::span<const BuiltinName> function_names();
std::span<const BuiltinName> method_names();
std::span<const BuiltinName> constant_names();

// What these do: check one use and emit its code; report mistakes and give Value::error() then.

/// `name(arguments)` and `receiver.name(arguments)`.
Value check_pattern(Checker& checker, PatternKind kind, const CallSite& site);
/// `name(arguments)`.
Value check_builtin_function(Checker& checker, FunctionKind kind, const CallSite& site);
/// `object.name(arguments)`: the receiver's type is one of the method's.
Value check_method(Checker& checker, MethodKind kind, const CallSite& site);
/// `match` as a node of its own.
Value check_match(Checker& checker, parse::NodeId node, TypeId hint);

}  // namespace omega::check
