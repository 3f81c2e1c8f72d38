// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/opt/dependency_analyzer.h"

#include <algorithm>

#include "omega/graph/ir/order.h"

namespace omega::graph {
namespace {

std::vector<UseDefChain> build_use_def_chains(const ComputationGraph& graph) {
  std::vector<UseDefChain> chains;
  chains.reserve(graph.values().size());
  for (uint32_t v = 0; v < graph.values().size(); ++v) {
    const ValueRecord& value = graph.values()[v];
    UseDefChain chain{{v}, value.kind == ValueKind::result ? OperationId{value.producer} : OperationId::none, {}};
    for (uint32_t use = value.first_use; use != UINT32_MAX; use = graph.uses()[use].next) {
      chain.uses.push_back({graph.uses()[use].operation});
    }
    std::ranges::reverse(chain.uses);
    chain.uses.erase(std::unique(chain.uses.begin(), chain.uses.end()), chain.uses.end());
    chains.push_back(std::move(chain));
  }
  return chains;
}

std::vector<ControlDependency> analyze_control_flow(const ComputationGraph& graph) {
  std::vector<ControlDependency> dependencies;
  for (uint32_t id = 0; id < graph.operations().size(); ++id) {
    for (const ValueRef input : graph.inputs(graph.operations()[id])) {
      const ValueRecord& value = graph.value(input);
      if (value.kind == ValueKind::result && value.dtype == DType::token) {
        dependencies.push_back({{value.producer}, {id}, ControlReason::token});
      }
    }
  }
  for (const OrderEdge& edge : order_edges(graph)) {
    const bool ordered = (graph.operation(edge.before).flags & graph.operation(edge.after).flags & kOrdered) != 0;
    dependencies.push_back({edge.before, edge.after, ordered ? ControlReason::order : ControlReason::memory});
  }
  std::ranges::stable_sort(dependencies, {}, &ControlDependency::after);
  return dependencies;
}

}  // namespace

DependencyInfo DependencyAnalyzer::analyze(const ComputationGraph& graph) const {
  DependencyInfo info{build_use_def_chains(graph), analyze_control_flow(graph), {}, 0};
  std::vector<std::vector<OperationId>> sets = graph.independent_sets();
  info.longest_chain = sets.size();
  for (std::vector<OperationId>& set : sets) {
    if (set.size() > 1) {
      info.parallel_opportunities.push_back(std::move(set));
    }
  }
  return info;
}

}  // namespace omega::graph
