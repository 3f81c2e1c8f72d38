// SPDX-License-Identifier: Apache-2.0
// The operators that every registry holds.
#pragma once

#include "omega/graph/exec/operator.h"

namespace omega::graph {

/// Element operators and folds by their names; `elementwise` (FUSED); `list` (its inputs as one list); `control.*` rules; `resource.load` and `.store`.
void add_builtin_operators(OperatorRegistry& registry);

}  // namespace omega::graph
