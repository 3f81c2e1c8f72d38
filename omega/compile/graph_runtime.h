// SPDX-License-Identifier: Apache-2.0
// Functions of the runtime that have no effects, as operators of graphs.
#pragma once

#include "omega/graph/exec/operator.h"
#include "omega/ir/runtime_functions.h"

namespace omega::compile {

/// One of them: `omega.runtime.NAME`.
struct RuntimeOperator {
  ir::RuntimeFunctionId id;
  void (*run)(graph::Call&);
  bool may_panic = false;
  bool reads_arrays = false;  ///< of the program, which somebody may write
  bool gives_array = false;   ///< a new one, which somebody may write: two calls are not one
  bool takes_wide = false;    ///< integers wider than 64 bits, which the runtime takes by their place and the operator by value
};

/// The operator for a function of the runtime; null when it has effects or needs objects that graphs do not have.
const RuntimeOperator* runtime_operator(ir::RuntimeFunctionId id);
/// Adds all of them.
void add_runtime_operators(graph::OperatorRegistry& registry);

}  // namespace omega::compile
