// SPDX-License-Identifier: Apache-2.0
// What a graph must hold before anything runs it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// What can be wrong with a graph.
enum class GraphProblemKind : uint8_t { cycle, missing_value, wrong_dtype, wrong_shape, wrong_arity, bad_constant, bad_body, bad_output };
std::string_view name_of(GraphProblemKind kind);

/// One thing that is wrong, in words that name the operation: "operation 3 (call `add`): input 1 is string, input 0 float64".
struct GraphProblem {
  GraphProblemKind kind;
  OperationId operation;  ///< none: the graph itself
  std::string message;
};

/// All that is wrong with the graph and its bodies, at most `limit` things; empty when it may run. Linear.
std::vector<GraphProblem> validate(const ComputationGraph& graph, size_t limit = 20);

/// Element types and shapes of an element operator's inputs as one result: shapes must be equal, or scalar. `problem` says what does not fit.
struct ElementShape {
  DType dtype = DType::any;
  ShapeRef shape{};
};
std::optional<ElementShape> element_shape(const ComputationGraph& graph, ElementOp op, std::span<const ValueRef> inputs, std::string& problem);

}  // namespace omega::graph
