// SPDX-License-Identifier: Apache-2.0
// Operators with the language's arithmetic, for graphs made of its functions.
#pragma once

#include <array>

#include "omega/graph/exec/operator.h"
#include "omega/ir/ir.h"

namespace omega::compile {

/// Words of an integer wider than 64 bits, lowest first; extended to 256 bits by its sign.
inline constexpr uint32_t kLimbs = 4;
using WideLimbs = std::array<uint64_t, kLimbs>;

/// Integers up to 64 bits travel as int64 scalars that hold the same 64 bits as a register would, u1 as boolean, wider ones as int64[4],
/// their limbs; strings as strings, arrays of the program as objects.
graph::DType graph_type(ir::Type type);
graph::Value wide_value(const WideLimbs& limbs);

/// Throws std::runtime_error: "panic: overflow".
[[noreturn]] void panic(const char* what);
/// An integer attribute of a call. Throws std::invalid_argument when it is missing.
int64_t integer_attribute(const graph::Call& call, std::string_view key);
/// The 64 bits of a register as a value of an integer type up to 64 bits, and back.
graph::Value value_of(int64_t bits, ir::Type type);
int64_t bits_of(const graph::Value& value);

/// Adds all of them: `omega.integer` (attributes op, type, checked), `omega.float` (op), `omega.cast` (from, to, checked), `omega.bitcast`
/// (from, to), `omega.check` (kind), `omega.panic` (kind), `omega.cells`, and those below.
void add_language_operators(graph::OperatorRegistry& registry);
/// `omega.wide` (op, type, second, checked), `omega.wide_cast` (from, to, checked).
void add_wide_operators(graph::OperatorRegistry& registry);
/// `omega.array` (words, references), `omega.length`, `omega.index`, `omega.get` (type), `omega.set`, `omega.null`.
void add_array_operators(graph::OperatorRegistry& registry);

}  // namespace omega::compile
