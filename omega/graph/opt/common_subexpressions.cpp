// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include "omega/base/hash.h"
#include "omega/graph/ir/order.h"
#include "omega/graph/opt/rewrite.h"

namespace omega::graph {

Rewritten common_subexpressions(const ComputationGraph& graph) {
  Rewritten result;
  GraphCopier copier(graph);
  // Equal constants first, so that what is computed from them is seen to be equal.
  std::unordered_multimap<uint64_t, ValueRef> constants;
  for (const ValueRef ref : graph.constants()) {
    const Constant& constant = graph.constant(ref);
    const uint64_t hash = base::hash_combine(base::hash_bytes(constant.bytes), static_cast<uint64_t>(constant.dtype));
    const auto [first, last] = constants.equal_range(hash);
    const auto found = std::find_if(first, last, [&](const auto& entry) { return graph.constant(entry.second) == constant; });
    if (found != last) {
      copier.replace(ref, copier.map(found->second));
    } else {
      constants.emplace(hash, ref);
    }
  }
  std::unordered_multimap<uint64_t, OperationId> seen;
  for (const OperationId id : topological_order(graph)) {
    const Operation& op = graph.operation(id);
    if (!is_pure(graph, op) || !graph.bodies(op).empty()) {
      copier.copy(op);
      continue;
    }
    const std::vector<ValueRef> inputs = copier.map(graph.inputs(op));
    uint64_t hash = base::hash_combine(op.callee.index, static_cast<uint64_t>(op.type));
    for (const ValueRef input : inputs) {
      hash = base::hash_combine(hash, input.index);
    }
    const auto [first, last] = seen.equal_range(hash);
    const auto found = std::find_if(first, last, [&](const auto& entry) {
      const Operation& other = graph.operation(entry.second);
      return other.type == op.type && other.callee == op.callee && other.flags == op.flags && other.output_count == op.output_count &&
             copier.map(graph.inputs(other)) == inputs && std::ranges::equal(graph.attributes(other), graph.attributes(op));
    });
    if (found == last) {
      seen.emplace(hash, id);
      copier.copy(op);
      continue;
    }
    ++result.changes;
    for (uint32_t i = 0; i < op.output_count; ++i) {
      copier.replace(graph.output(op, i), copier.map(graph.output(graph.operation(found->second), i)));
    }
  }
  result.graph = std::move(copier).finish();
  if (result.changes > 0) {
    result.notes.push_back(std::to_string(result.changes) + " operations repeat earlier ones and use their results");
  }
  return result;
}

}  // namespace omega::graph
