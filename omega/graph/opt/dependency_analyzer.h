// SPDX-License-Identifier: Apache-2.0
// What depends on what in a graph, and why.
#pragma once

#include <cstdint>
#include <vector>

#include "omega/graph/ir/graph.h"

namespace omega::graph {

/// A value, what defines it and what uses it.
struct UseDefChain {
  ValueRef value;
  OperationId definition;         ///< none: an input or constant
  std::vector<OperationId> uses;  ///< in program order, each once
};

/// Why one operation waits for another though no data flow between them.
enum class ControlReason : uint8_t {
  token,   ///< a token leads from one to the other
  memory,  ///< both touch memory that may overlap, and one writes
  order,   ///< both are kOrdered
};
struct ControlDependency {
  OperationId before;
  OperationId after;
  ControlReason reason;
};

/// All that DependencyAnalyzer finds.
struct DependencyInfo {
  std::vector<UseDefChain> use_def_chains;                       ///< by value
  std::vector<ControlDependency> control_dependencies;           ///< by `after`
  std::vector<std::vector<OperationId>> parallel_opportunities;  ///< independent sets of two and more
  size_t longest_chain = 0;                                      ///< operations one behind the other
};

/// Finds use-def chains, control dependencies (tokens, memory that may alias, ordered operations) and what can run in parallel. Linear.
class DependencyAnalyzer {
 public:
  /// The graph must be free of cycles.
  [[nodiscard]] DependencyInfo analyze(const ComputationGraph& graph) const;
};

}  // namespace omega::graph
