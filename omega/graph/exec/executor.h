// SPDX-License-Identifier: Apache-2.0
// ParallelExecutor: runs a graph as its dependencies allow.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "omega/graph/exec/operator.h"
#include "omega/graph/exec/run_trace.h"
#include "omega/graph/exec/value.h"

namespace omega::graph {

/// Where operations run. `thread`: threads of this process. `process`: forked copies of it, which see what was there when the run began and
/// send values through shared memory; the process survives their death. `hybrid`: kIsolated operations in processes, the others on threads.
enum class ExecutionStrategy : uint8_t { thread, process, hybrid };

/// Which ready operation runs next. `stealing`: whatever is nearest, balanced by theft. `round_robin`: dealt out to workers in turn.
/// `load_balancing`: that with the longest chain of work behind it first, by what earlier runs cost. `priority`: the highest attribute
/// `priority` (an integer, else 0) first, in program order among equals.
enum class Distribution : uint8_t { stealing, round_robin, load_balancing, priority };

/// What to do when an operation fails. `fail_fast`: begin no others. `collect`: run all that do not need its outputs.
enum class ErrorPolicy : uint8_t { fail_fast, collect };

/// How often an operation is tried when it throws TransientError.
struct RetryPolicy {
  uint32_t attempts = 1;                ///< in all
  std::chrono::nanoseconds backoff{0};  ///< before the second attempt; doubled for each further one
  uint32_t deaths = 3;                  ///< worker processes that one operation may outlive
};

/// What holds for one run.
struct RunOptions {
  ExecutionStrategy strategy = ExecutionStrategy::thread;
  Distribution distribution = Distribution::stealing;
  ErrorPolicy on_error = ErrorPolicy::fail_fast;
  RetryPolicy retry{};
  /// Looked at before each operation; its deadline too. Worker processes are killed when it stops. Null: none. Must outlive the run.
  const task::Cancellation* cancellation = nullptr;
  /// What LOADs and STOREs work on; null: they fail. With processes these run in this one.
  ResourceStore* resources = nullptr;
  bool record_trace = false;
};

/// One operation that failed for good.
struct OperationFailure {
  OperationId operation;
  uint32_t attempts;
  std::string message;
  std::exception_ptr exception;  ///< null when it was lost with a process
};

/// A worker process that ended unasked.
struct WorkerDeath {
  int pid;
  int status;             ///< as waitpid() gives it
  OperationId operation;  ///< what it was doing; none: nothing
};

/// How a run ended.
struct RunResult {
  enum class Outcome : uint8_t { done, failed, cancelled, deadline_exceeded } outcome = Outcome::done;
  std::vector<Value> outputs;              ///< of the graph; those not reached hold nothing
  std::vector<OperationFailure> failures;  ///< by operation
  std::vector<WorkerDeath> deaths;
  size_t skipped = 0;  ///< operations that did not run
  RunTrace trace;
};

/// What execute() throws.
class ExecutionError : public std::runtime_error {
 public:
  ExecutionError(const std::string& message, RunResult r) : std::runtime_error(message), result(std::move(r)) {}
  RunResult result;
};

/// How an executor is made.
struct ExecutorOptions {
  /// Threads that compute, or processes; 0: one for each processor. Waiting operations have threads of their own.
  unsigned max_workers = 0;
  /// Operations flagged kWaits that run at the same time.
  unsigned max_waiting = 256;
};

/// Runs graphs, dependency by dependency: an operation starts when the last value it needs is there, whatever else runs. Results do not
/// depend on the number of workers. Several runs at once from several threads are fine; the registry must outlive the executor and not
/// change during runs.
class ParallelExecutor {
 public:
  explicit ParallelExecutor(const OperatorRegistry& registry, ExecutorOptions options = {});
  ~ParallelExecutor();
  ParallelExecutor(const ParallelExecutor&) = delete;
  ParallelExecutor& operator=(const ParallelExecutor&) = delete;

  /// The graph's outputs. Throws the exception of the failed operation with the lowest number, ExecutionError when the run was stopped,
  /// std::invalid_argument when the graph cannot run.
  std::vector<Value> execute(const ComputationGraph& graph, std::span<const Value> inputs, const RunOptions& options = {});
  /// The same with all that is known about the run; throws std::invalid_argument only.
  RunResult run(const ComputationGraph& graph, std::span<const Value> inputs, const RunOptions& options = {});

  /// What earlier runs with a trace or with load_balancing cost.
  [[nodiscard]] CostModel& costs();
  [[nodiscard]] unsigned max_workers() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace omega::graph
