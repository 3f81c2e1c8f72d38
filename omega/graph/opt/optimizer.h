// SPDX-License-Identifier: Apache-2.0
// GraphOptimizer: the rewrites over a graph, each named, timed, switchable and verified; and what was found, in words.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "omega/graph/opt/dependency_analyzer.h"
#include "omega/graph/opt/pattern.h"
#include "omega/graph/opt/rewrite.h"

namespace omega::graph {

/// How a graph is optimised.
struct OptimizeOptions {
  std::vector<std::string> disabled;  ///< names of rewrites left out, of those that rewrites() has
  /// Says whether `after` computes what `before` does, for instance by running both; a rewrite that fails it is taken back. Unset: the
  /// result is only validated, which a failed check ends the process over.
  std::function<bool(const ComputationGraph& before, const ComputationGraph& after)> same_results;

  /// Throws std::invalid_argument, with the nearest name, where no rewrite has a name in `disabled`.
  void validate() const;
};

/// What one rewrite did.
struct RewriteRecord {
  std::string name;
  uint64_t nanoseconds = 0;  ///< without verification
  size_t changes = 0;
  enum class State : uint8_t { done, disabled, taken_back } state = State::done;
  std::vector<std::string> notes;
};

/// What was found and done.
struct OptimizeReport {
  std::vector<RewriteRecord> rewrites;
  std::vector<PatternMatch> patterns;  ///< of the graph as it came
  size_t operations_before = 0;
  size_t operations_after = 0;
  size_t chain_before = 0;  ///< longest chain of dependencies
  size_t chain_after = 0;

  /// All of it for people, a line each.
  [[nodiscard]] std::string explain() const;
};

/// Rewrites a graph for parallel execution. optimize() may be called from several threads at once.
class GraphOptimizer {
 public:
  explicit GraphOptimizer(std::vector<std::unique_ptr<PatternMatcher>> matchers = default_matchers()) : matchers_(std::move(matchers)) {}

  /// A graph that computes the same. The graph must be valid. Throws what OptimizeOptions::validate() does.
  [[nodiscard]] ComputationGraph optimize(const ComputationGraph& graph, const OptimizeOptions& options = {}, OptimizeReport* report = nullptr) const;

 private:
  std::vector<std::unique_ptr<PatternMatcher>> matchers_;
};

}  // namespace omega::graph
