// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/executor.h"

#include "omega/graph/exec/graph_run.h"

namespace omega::graph {

struct ParallelExecutor::State {
  State(const OperatorRegistry& operators, const ExecutorOptions& options)
      : registry(operators),
        own(options.max_workers == 0 ? nullptr : std::make_unique<task::Scheduler>(options.max_workers)),
        scheduler(own == nullptr ? task::Scheduler::global() : *own),
        waiting(options.max_waiting) {}

  const OperatorRegistry& registry;
  std::unique_ptr<task::Scheduler> own;
  task::Scheduler& scheduler;
  CostModel costs;
  WaitingThreads waiting;
};

ParallelExecutor::ParallelExecutor(const OperatorRegistry& registry, ExecutorOptions options) : state_(std::make_unique<State>(registry, options)) {
  OMEGA_CHECK(options.max_waiting > 0, "an executor needs at least one thread for waiting operations");
}
ParallelExecutor::~ParallelExecutor() = default;

CostModel& ParallelExecutor::costs() { return state_->costs; }
unsigned ParallelExecutor::max_workers() const { return state_->scheduler.threads(); }

RunResult ParallelExecutor::run(const ComputationGraph& graph, std::span<const Value> inputs, const RunOptions& options) {
  require_valid(graph, inputs.size());
  require_fitting_inputs(graph, inputs);
  return GraphRun(graph, inputs, state_->registry, options, state_->scheduler, state_->waiting, state_->costs).run();
}

std::vector<Value> ParallelExecutor::execute(const ComputationGraph& graph, std::span<const Value> inputs, const RunOptions& options) {
  RunResult result = run(graph, inputs, options);
  switch (result.outcome) {
    case RunResult::Outcome::done: return std::move(result.outputs);
    case RunResult::Outcome::failed: {
      const OperationFailure& first = result.failures.front();
      if (first.exception != nullptr) {
        std::rethrow_exception(first.exception);
      }
      const std::string message = describe_operation(graph, first.operation) + ": " + first.message;
      throw ExecutionError(message, std::move(result));
    }
    case RunResult::Outcome::cancelled: throw ExecutionError("the run was cancelled", std::move(result));
    case RunResult::Outcome::deadline_exceeded: throw ExecutionError("the run passed its deadline", std::move(result));
  }
  return {};
}

}  // namespace omega::graph
