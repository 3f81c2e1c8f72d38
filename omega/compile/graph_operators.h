// SPDX-License-Identifier: Apache-2.0
// Operators with the language's arithmetic, for graphs made of its functions.
#pragma once

#include "omega/graph/exec/operator.h"
#include "omega/ir/ir.h"

namespace omega::compile {

/// Integers up to 64 bits travel as int64 scalars that hold the same 64 bits as a register would, u1 as boolean.
graph::DType graph_type(ir::Type type);

/// Adds: `omega.integer` (attributes op, type, checked), `omega.float` (op), `omega.cast` (from, to, checked), `omega.bitcast` (from, to),
/// `omega.check` (kind), `omega.panic` (kind), `omega.array`, `omega.length`, `omega.index`, `omega.get`, `omega.set`.
void add_language_operators(graph::OperatorRegistry& registry);

}  // namespace omega::compile
