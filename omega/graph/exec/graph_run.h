// SPDX-License-Identifier: Apache-2.0
// One run of one graph: counts down dependencies, hands operations to those that run them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <thread>

#include "omega/base/pod_vector.h"
#include "omega/graph/exec/buffer.h"
#include "omega/graph/exec/executor.h"
#include "omega/graph/exec/operation_jobs.h"
#include "omega/graph/exec/process_worker.h"
#include "omega/graph/exec/waiting_threads.h"
#include "omega/task/latch.h"
#include "omega/task/worker.h"

namespace omega::graph {

/// Lives during one ParallelExecutor::run(). Whoever finishes the last operation ends the run and touches it no more.
class GraphRun {
 public:
  /// The graph must be valid and the inputs fit it. Throws std::invalid_argument when an operator is missing.
  GraphRun(const ComputationGraph& graph, std::span<const Value> inputs, const OperatorRegistry& registry, const RunOptions& options,
           task::Scheduler& scheduler, WaitingThreads& waiting, CostModel& costs);
  ~GraphRun();
  GraphRun(const GraphRun&) = delete;
  GraphRun& operator=(const GraphRun&) = delete;

  /// Runs the graph; the calling thread computes too.
  RunResult run();

 private:
  /// What an operation waits for and what waits for it, together, since who lowers the count to nothing needs the rest next.
  struct alignas(16) Counter {
    uint32_t pending;  ///< dependencies not done
    uint32_t first;    ///< the first two uses of its outputs: operations; kNone: none
    uint32_t second;
    uint32_t rest;  ///< the use behind them, an index into graph_.uses(), or one of these:
  };
  static constexpr uint32_t kNone = UINT32_MAX;           ///< there is none
  static constexpr uint32_t kByOutputs = UINT32_MAX - 1;  ///< all uses are found by the outputs instead
  static constexpr uint32_t kNextAlone = UINT32_MAX - 2;  ///< there is none; `first` is the operation behind this one, and no value but this one's holds it up

  struct Ready {
    double key;  ///< largest first
    uint32_t operation;
    bool operator<(const Ready& other) const { return key != other.key ? key < other.key : operation > other.operation; }
  };
  /// One worker's share in round-robin distribution.
  struct Lane {
    std::mutex mutex;
    std::deque<uint32_t> queue;
    bool active = false;
  };
  struct LaneJob : task::Job {
    LaneJob(Run how, GraphRun* owner, uint32_t number) noexcept : Job(how), run_of(owner), lane(number) {}
    GraphRun* run_of;
    uint32_t lane;
  };
  /// Who executes: a worker of the scheduler, or, when null, another thread.
  struct Executing {
    task::Worker* worker;
    uint32_t trace_lane;
  };

  /// A state below OperationStatus's: some dependency failed or was skipped.
  static constexpr uint8_t kPoisoned = 100;
  /// Threads from outside of the scheduler that use jobs again; more of them make new ones.
  static constexpr uint32_t kGuests = 8;
  /// Trace lanes of threads that are no workers begin here, processes' there.
  static constexpr uint32_t kWaitingLane = 1u << 16;
  static constexpr uint32_t kProcessLane = 1u << 17;

  static int64_t now_ns() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

  /// `second` and `rest` in one store, the others in one each: GCC would gather all four in a vector register first, by more instructions.
  static void set_dependents(Counter& counter, uint32_t first, uint32_t second, uint32_t rest) {
    static_assert(offsetof(Counter, rest) == offsetof(Counter, second) + sizeof second);
    counter.first = first;
    const uint64_t both = uint64_t{rest} << 32 | second;
    std::memcpy(reinterpret_cast<std::byte*>(&counter) + offsetof(Counter, second), &both, sizeof both);
  }

  static void run_job(task::Job& job, task::Worker& worker) noexcept;
  static void run_queued_job(task::Job& job, task::Worker& worker) noexcept;
  static void run_lane_job(task::Job& job, task::Worker& worker) noexcept;

  void take_memory();
  void prepare_operations(const OperatorRegistry& registry);
  void prepare_piece(uint32_t begin, uint32_t end, const OperatorRegistry& registry, std::vector<uint32_t>& known, std::mutex& adding);
  uint16_t number_of_operator(const Operation& op, const OperatorRegistry& registry, std::vector<uint32_t>& known, std::mutex& adding);
  uint32_t add_operator(const OperatorRegistry& registry, uint32_t operation);
  void prepare_order();
  void prepare_keys();
  void start_roots(task::Worker& worker);

  /// Whether no more than one operation waits, but through order_next_.
  static bool waits_at_most_one(const Counter& counter) { return (counter.second & counter.rest) == kNone; }
  /// Asks for the memory that releasing the operation's dependents takes, so that it comes while the operation runs. Always inline: GCC removes
  /// calls of functions that only prefetch.
  [[gnu::always_inline]] void fetch_ahead(const Counter& counter) const {
    if (counter.first != kNone) {
      __builtin_prefetch(&counters_[counter.first], 1);
    }
    if (counter.second != kNone) {
      __builtin_prefetch(&counters_[counter.second], 1);
    }
    if (counter.rest < kNextAlone) {
      __builtin_prefetch(&graph_.uses()[counter.rest]);
    }
  }
  uint64_t run_chain(uint32_t operation, const Executing& who) noexcept;
  uint32_t run_neighbours(uint32_t operation, const Executing& who, Call& call) noexcept;
  /// Always inline: else what `release` refers to lies in memory for every operation.
  template <class Release>
  [[gnu::always_inline]] void for_each_dependent(uint32_t operation, const Counter& counter, Release release) const;
  [[nodiscard]] uint32_t number_of(const Operation& op) const { return static_cast<uint32_t>(&op - graph_.operations().data()); }
  inline void execute(const Operation& op, uint16_t number, const Executing& who, Call& call) noexcept;
  void note_caught(uint32_t operation, uint32_t attempts) noexcept;
  void execute_carefully(uint32_t operation, const Executing& who) noexcept;
  OperationStatus attempt(uint32_t operation, uint32_t& attempts) noexcept;
  OperationStatus attempt_in_process(uint32_t operation, ProcessWorker& worker, uint32_t& attempts) noexcept;
  uint32_t release_dependents(uint32_t operation, const Executing& who) noexcept;
  void make_ready(uint32_t operation, const Executing& who) noexcept;
  void settle(uint32_t operation, OperationStatus status) noexcept;
  void drop_inputs(const Operation& op) noexcept;
  void note_failure(uint32_t operation, uint32_t attempts, std::string message, std::exception_ptr exception) noexcept;
  bool stopped() noexcept;
  bool pause_before_retry(uint32_t attempts) noexcept;
  void finish(uint64_t operations, task::Worker* worker) noexcept;

  /// True when the operation runs beside the cores.
  [[nodiscard]] bool runs_in_process(const Operation& op) const;
  void submit_waiting(uint32_t operation);
  void serve_processes(unsigned number);
  void start_processes();
  void end_processes();

  void record(uint32_t operation, const Executing& who, OperationStatus status, uint32_t attempts, int64_t start, int64_t end) noexcept;
  RunResult collect();
  void collect_trace(RunResult& result);

  const ComputationGraph& graph_;
  const RunOptions& options_;
  task::Scheduler& scheduler_;
  WaitingThreads& waiting_;
  CostModel& costs_;
  CallContext context_;
  const size_t count_;
  unsigned workers_;

  std::vector<const Operator*> operators_;  ///< those that the graph calls
  uint16_t* operator_numbers_ = nullptr;    ///< by operation: which of operators_
  Buffer memory_;                           ///< of the arrays below
  Counter* counters_ = nullptr;             ///< by operation
  Value* slots_ = nullptr;                  ///< by value; null where the graph carries order alone
  std::optional<OperationJobs> jobs_;
  std::atomic<uint8_t>* states_ = nullptr;  ///< OperationStatus; kPoisoned before
  base::PodVector<uint32_t> order_first_;   ///< successors through memory: order_next_[order_first_[i], order_first_[i + 1])
  base::PodVector<uint32_t> order_next_;
  std::vector<bool> is_output_;  ///< by value; empty where the graph carries order alone
  bool is_plain_ = true;         ///< stealing on threads without anything to look at before an operation
  bool is_simple_ = true;        ///< that, and no order but through values
  bool records_ = false;
  bool drops_inputs_ = false;  ///< data: a value that no operation needs any more is given back
  uint8_t beside_flags_ = 0;   ///< flags that send an operation elsewhere

  alignas(64) std::atomic<uint64_t> remaining_;
  alignas(64) std::atomic<bool> careful_{false};  ///< a trace, retries, a cancellation, or something has failed: execute_carefully()
  std::atomic<bool> stopping_{false};             ///< begin no further operation
  std::atomic<bool> any_skipped_{false};
  task::Latch latch_{1};

  std::vector<double> keys_;
  std::mutex queue_mutex_;
  std::priority_queue<Ready> queue_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::unique_ptr<LaneJob>> lane_jobs_;
  std::atomic<uint32_t> next_lane_{0};

  std::mutex process_mutex_;
  std::condition_variable process_changed_;
  std::priority_queue<Ready> process_queue_;
  std::vector<std::thread> process_threads_;
  bool processes_end_ = false;

  std::mutex result_mutex_;
  std::vector<OperationFailure> failures_;
  std::vector<WorkerDeath> deaths_;
  std::vector<TraceEvent> outside_events_;
  std::vector<std::vector<TraceEvent>> worker_events_;
  base::PodVector<int64_t> ready_ns_;
  base::PodVector<uint32_t> released_by_;
};

}  // namespace omega::graph
