// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/opt/rewrite.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "omega/graph/ir/order.h"

namespace omega::graph {

std::span<const Rewrite> rewrites() {
  static constexpr Rewrite all[] = {
      {"dead_operations", dead_operations}, {"common_subexpressions", common_subexpressions}, {"parallelize_map", parallelize_map},
      {"batch_calls", batch_calls},         {"fuse_elementwise", fuse_elementwise},           {"memory_layout", memory_layout},
      {"reuse_buffers", reuse_buffers},
  };
  return all;
}

namespace {

/// The graph with rewritten bodies; nothing when no body changed.
std::optional<Rewritten> rewrite_bodies(const Rewrite& rewrite, const ComputationGraph& graph, size_t depth);

Rewritten rewrite_at(const Rewrite& rewrite, const ComputationGraph& graph, size_t depth) {
  std::optional<Rewritten> inner = depth < kDeepestBody ? rewrite_bodies(rewrite, graph, depth) : std::nullopt;
  Rewritten result = rewrite.run(inner ? inner->graph : graph);
  if (inner) {
    result.changes += inner->changes;
    result.notes.insert(result.notes.begin(), std::make_move_iterator(inner->notes.begin()), std::make_move_iterator(inner->notes.end()));
  }
  return result;
}

std::optional<Rewritten> rewrite_bodies(const Rewrite& rewrite, const ComputationGraph& graph, size_t depth) {
  const auto operations = graph.operations();
  if (std::ranges::all_of(operations, [&](const Operation& op) { return op.details == UINT32_MAX || graph.bodies(op).empty(); })) {
    return std::nullopt;
  }
  Rewritten result;
  GraphCopier copier(graph);
  for (const OperationId id : topological_order(graph)) {
    const Operation& op = graph.operation(id);
    std::vector<ComputationGraph> bodies;
    for (const ComputationGraph& body : graph.bodies(op)) {
      Rewritten inner = rewrite_at(rewrite, body, depth + 1);
      result.changes += inner.changes;
      for (std::string& note : inner.notes) {
        result.notes.push_back("in a body of operation " + std::to_string(id.index) + ": " + std::move(note));
      }
      bodies.push_back(std::move(inner.graph));
    }
    copier.copy(op, graph.attributes(op), std::move(bodies));
  }
  if (result.changes == 0) {
    return std::nullopt;
  }
  result.graph = std::move(copier).finish();
  return result;
}

}  // namespace

Rewritten run_rewrite(const Rewrite& rewrite, const ComputationGraph& graph) { return rewrite_at(rewrite, graph, 0); }

GraphCopier::GraphCopier(const ComputationGraph& from) : from_(from), values_(from.values().size()) {
  to_.set_name(from.graph_name());
  for (const Attribute& attribute : from.metadata()) {
    to_.set_attribute(attribute);
  }
  to_.reserve(from.operations().size(), from.uses().size());
  for (size_t i = 0; i < from.inputs().size(); ++i) {
    const ValueRecord& value = from.value(from.inputs()[i]);
    values_[from.inputs()[i].index] = to_.add_input(value.dtype, shape(value.shape), from.input_name(i));
  }
  for (const ValueRef constant : from.constants()) {
    values_[constant.index] = to_.add_constant(from.constant(constant));
  }
}

std::vector<ValueRef> GraphCopier::map(std::span<const ValueRef> old) const {
  std::vector<ValueRef> result;
  for (const ValueRef value : old) {
    result.push_back(map(value));
  }
  return result;
}

std::vector<ComputationGraph::OutputSpec> GraphCopier::outputs(const Operation& op) {
  std::vector<ComputationGraph::OutputSpec> result;
  for (uint32_t v = op.first_output; v < op.first_output + op.output_count; ++v) {
    result.push_back({from_.values()[v].dtype, shape(from_.values()[v].shape)});
  }
  return result;
}

void GraphCopier::copy(const Operation& op) {
  const auto bodies = from_.bodies(op);
  std::vector<Attribute> attributes(from_.attributes(op).begin(), from_.attributes(op).end());
  std::erase_if(attributes, [](const Attribute& attribute) { return attribute.key == kInPlace; });
  copy(op, attributes, {bodies.begin(), bodies.end()});
}

void GraphCopier::copy(const Operation& op, std::span<const Attribute> attributes, std::vector<ComputationGraph> bodies) {
  const std::vector<ComputationGraph::OutputSpec> specs = outputs(op);
  const OperationId id = to_.add_operation(op.type, to_.name(from_.text(op.callee)), map(from_.inputs(op)), specs, op.flags, attributes, std::move(bodies));
  for (uint32_t i = 0; i < op.output_count; ++i) {
    values_[op.first_output + i] = to_.output(to_.operation(id), i);
  }
}

ComputationGraph GraphCopier::finish() && {
  for (const ValueRef output : from_.outputs()) {
    to_.add_output(map(output));
  }
  return std::move(to_);
}

bool is_pure(const ComputationGraph& graph, const Operation& op) {
  if ((op.flags & (kImpure | kOrdered)) != 0 || op.type == OpType::load || op.type == OpType::store) {
    return false;
  }
  return std::ranges::all_of(graph.bodies(op), [](const ComputationGraph& body) {
    return std::ranges::all_of(body.operations(), [&](const Operation& inner) { return is_pure(body, inner); });
  });
}

}  // namespace omega::graph
