// SPDX-License-Identifier: Apache-2.0
// The operators that every registry holds.
#pragma once

#include "omega/graph/exec/operator.h"

namespace omega::graph {

/// A function of the host program as a value (Value::object()): what `apply` calls.
using HostFunction = std::function<Value(std::span<const Value>)>;

/// Element operators and folds by their names; `elementwise` (FUSED); `list` (its inputs as one list), `element` (sequence, index),
/// `length`; `apply` (function, arguments...); `control.*` rules; `resource.load` and `.store`.
void add_builtin_operators(OperatorRegistry& registry);

}  // namespace omega::graph
