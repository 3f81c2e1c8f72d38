// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "omega/graph/ir/order.h"
#include "omega/graph/opt/rewrite.h"

namespace omega::graph {
namespace {

bool is_element_wise(const ComputationGraph& graph, const Operation& op) {
  return op.type == OpType::fused || (op.type == OpType::call && element_op_named(graph.text(op.callee)).has_value());
}

bool is_array(const ValueRecord& value) { return value.shape.valid() && value.shape != kScalarShape && element_size(value.dtype) != 0; }

/// An input that nobody else uses and that has the type and shape of an output; nothing when there is none.
std::optional<size_t> dying_input(const ComputationGraph& graph, const Operation& op, const std::vector<bool>& is_output) {
  const auto inputs = graph.inputs(op);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueRecord& input = graph.value(inputs[i]);
    if (input.kind != ValueKind::result || is_output[inputs[i].index] || graph.uses()[input.first_use].next != UINT32_MAX || !is_array(input)) {
      continue;
    }
    for (uint32_t o = 0; o < op.output_count; ++o) {
      const ValueRecord& output = graph.value(graph.output(op, o));
      if (output.dtype == input.dtype && output.shape == input.shape) {
        return i;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Rewritten reuse_buffers(const ComputationGraph& graph) {
  std::vector<bool> is_output(graph.values().size(), false);
  for (const ValueRef output : graph.outputs()) {
    is_output[output.index] = true;
  }
  Rewritten result;
  GraphCopier copier(graph);
  for (const OperationId id : topological_order(graph)) {
    const Operation& op = graph.operation(id);
    const std::optional<size_t> input = is_element_wise(graph, op) ? dying_input(graph, op, is_output) : std::nullopt;
    if (!input) {
      copier.copy(op);
      continue;
    }
    std::vector<Attribute> attributes(graph.attributes(op).begin(), graph.attributes(op).end());
    if (graph.attribute(op, kInPlace) == nullptr) {
      attributes.push_back({std::string(kInPlace), static_cast<int64_t>(*input)});
      ++result.changes;
    }
    copier.copy(op, attributes, {});
  }
  if (result.changes == 0) {
    result.graph = graph;
    return result;
  }
  result.graph = std::move(copier).finish();
  result.notes.push_back(std::to_string(result.changes) + " element-wise operations write into the buffer of an input that ends there");
  return result;
}

}  // namespace omega::graph
