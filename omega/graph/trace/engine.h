// SPDX-License-Identifier: Apache-2.0
// What traced functions run in: operators, an executor, memory.
#pragma once

#include <memory>

#include "omega/graph/exec/executor.h"
#include "omega/graph/opt/optimizer.h"

namespace omega::graph {

/// Operators, threads and resources that traced functions share. Any thread. Functions made by jit() may not outlive theirs.
class Engine {
 public:
  explicit Engine(ExecutorOptions options = {}, std::vector<std::unique_ptr<PatternMatcher>> matchers = default_matchers())
      : executor_(operators_, options), optimizer_(std::move(matchers)) {}

  /// The process's own, with a worker for each processor.
  static Engine& process();

  [[nodiscard]] OperatorRegistry& operators() { return operators_; }
  [[nodiscard]] ParallelExecutor& executor() { return executor_; }
  [[nodiscard]] const GraphOptimizer& optimizer() const { return optimizer_; }
  /// What load() and store() of traced functions work on.
  [[nodiscard]] ResourceStore& resources() { return resources_; }

 private:
  OperatorRegistry operators_;
  ResourceStore resources_;
  ParallelExecutor executor_;
  GraphOptimizer optimizer_;
};

}  // namespace omega::graph
