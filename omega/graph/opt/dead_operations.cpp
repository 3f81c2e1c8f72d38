// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/ir/order.h"
#include "omega/graph/opt/rewrite.h"

namespace omega::graph {

Rewritten dead_operations(const ComputationGraph& graph) {
  std::vector<bool> needed(graph.operations().size(), false);
  const auto need = [&](ValueRef ref) {
    if (graph.value(ref).kind == ValueKind::result) {
      needed[graph.value(ref).producer] = true;
    }
  };
  for (const ValueRef output : graph.outputs()) {
    need(output);
  }
  const std::vector<OperationId> order = topological_order(graph);
  for (size_t i = order.size(); i-- > 0;) {
    const Operation& op = graph.operation(order[i]);
    // A read that nobody looks at may go, other effects stay.
    if (needed[order[i].index] || (op.type != OpType::load && !is_pure(graph, op))) {
      needed[order[i].index] = true;
      for (const ValueRef input : graph.inputs(op)) {
        need(input);
      }
    }
  }
  Rewritten result;
  GraphCopier copier(graph);
  for (const OperationId id : order) {
    if (needed[id.index]) {
      copier.copy(graph.operation(id));
    } else {
      ++result.changes;
    }
  }
  result.graph = std::move(copier).finish();
  if (result.changes > 0) {
    result.notes.push_back(std::to_string(result.changes) + " operations whose results nobody uses are left out");
  }
  return result;
}

}  // namespace omega::graph
