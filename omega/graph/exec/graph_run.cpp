// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/graph_run.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "omega/base/large_memory.h"
#include "omega/graph/ir/order.h"

namespace omega::graph {
namespace {

/// A state below OperationStatus's: some dependency failed or was skipped.
constexpr uint8_t kPoisoned = 100;
/// Trace lanes of threads that are no workers begin here, processes' there.
constexpr uint32_t kWaitingLane = 1u << 16;
constexpr uint32_t kProcessLane = 1u << 17;

int64_t now_ns() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// One fewer to wait for. True for the last one, who sees what all others did.
bool arrive(uint32_t& count) {
  std::atomic_ref<uint32_t> pending(count);
  // Nobody else can lower a count of one, so the costly exchange is not needed.
  return pending.load(std::memory_order_acquire) == 1 || pending.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

}  // namespace

GraphRun::GraphRun(const ComputationGraph& graph, std::span<const Value> inputs, const OperatorRegistry& registry, const RunOptions& options,
                   task::Scheduler& scheduler, WaitingThreads& waiting, CostModel& costs)
    : graph_(graph),
      options_(options),
      scheduler_(scheduler),
      waiting_(waiting),
      costs_(costs),
      count_(graph.operations().size()),
      workers_(scheduler.threads()),
      remaining_(count_) {
  context_ = {&registry, options.resources, options.cancellation, &scheduler};
  operators_.assign(graph.name_count() * 5, nullptr);
  for (const Operation& op : graph.operations()) {
    const Operator*& found = operators_[op.callee.index * 5 + static_cast<size_t>(op.type)];
    if (found == nullptr) {
      found = operator_of(registry, graph, op);
    }
  }
  take_memory();
  for (size_t i = 0; i < inputs.size(); ++i) {
    slots_[graph.inputs()[i].index] = inputs[i];
  }
  for (const ValueRef constant : graph.constants()) {
    slots_[constant.index] = Value::of(graph.constant(constant));
  }
  if (graph.carries_data()) {
    is_output_.resize(graph.values().size());
    for (const ValueRef output : graph.outputs()) {
      is_output_[output.index] = true;
    }
  }
  records_ = options.record_trace || options.distribution == Distribution::load_balancing;
  beside_flags_ = options.strategy == ExecutionStrategy::thread ? kWaits : options.strategy == ExecutionStrategy::hybrid ? kWaits | kIsolated : 0xff;
  is_careful_ = records_ || options.cancellation != nullptr || options.retry.attempts > 1;
  is_plain_ =
      options.distribution == Distribution::stealing && options.strategy != ExecutionStrategy::process && (graph.all_flags() & beside_flags_) == 0 && !records_;
  prepare_order();
  prepare_keys();
  if (records_) {
    worker_events_.resize(scheduler.slot_limit());
    ready_ns_.resize(count_, 0);
    released_by_.resize(count_, UINT32_MAX);
  }
}

GraphRun::~GraphRun() {
  if (graph_.carries_data() || !graph_.inputs().empty() || !graph_.constants().empty()) {
    for (size_t i = 0; i < graph_.values().size(); ++i) {
      slots_[i].~Value();
    }
  }
}

/// Arrays by value and by operation, in memory that earlier runs have used: a graph of empty operations runs faster than fresh pages come.
void GraphRun::take_memory() {
  const size_t values = graph_.values().size();
  const size_t slot_bytes = values * sizeof(Value);
  const size_t job_bytes = count_ * sizeof(OperationJob);
  const size_t count_bytes = count_ * sizeof(uint32_t);
  memory_ = Buffer(slot_bytes + job_bytes + count_bytes + count_);
  std::byte* at = memory_.data();
  std::memset(at, 0, slot_bytes);  // a Value of zeros holds nothing
  slots_ = reinterpret_cast<Value*>(at);
  at += slot_bytes;
  jobs_ = reinterpret_cast<OperationJob*>(at);
  at += job_bytes;
  pending_ = reinterpret_cast<uint32_t*>(at);
  std::memcpy(at, graph_.dependency_counts().data(), count_bytes);
  at += count_bytes;
  std::memset(at, 0, count_);
  states_ = reinterpret_cast<std::atomic<uint8_t>*>(at);
}

void GraphRun::prepare_order() {
  if (!graph_.has_memory_order()) {
    return;
  }
  const std::vector<OrderEdge> edges = order_edges(graph_);
  order_first_.resize(count_ + 1, 0);
  for (const OrderEdge& edge : edges) {
    ++order_first_[edge.before.index + 1];
    ++pending_[edge.after.index];
  }
  for (size_t i = 1; i <= count_; ++i) {
    order_first_[i] += order_first_[i - 1];
  }
  order_next_.resize(edges.size());
  base::PodVector<uint32_t> at = order_first_;
  for (const OrderEdge& edge : edges) {
    order_next_[at[edge.before.index]++] = edge.after.index;
  }
}

/// Which of several ready operations goes first, by distribution.
void GraphRun::prepare_keys() {
  if (options_.distribution == Distribution::round_robin) {
    for (uint32_t i = 0; i < workers_; ++i) {
      lanes_.push_back(std::make_unique<Lane>());
      lane_jobs_.push_back(std::make_unique<LaneJob>(run_lane_job, this, i));
    }
    return;
  }
  if (options_.distribution == Distribution::stealing) {
    return;
  }
  keys_.resize(count_, 0);
  if (options_.distribution == Distribution::priority) {
    for (size_t i = 0; i < count_; ++i) {
      const AttributeValue* priority = graph_.attribute(graph_.operations()[i], "priority");
      const auto* integer = priority == nullptr ? nullptr : std::get_if<int64_t>(priority);
      keys_[i] = integer == nullptr ? 0 : static_cast<double>(*integer);
    }
    return;
  }
  // The longest chain of work from an operation to the end, itself included.
  std::vector<double> cost(graph_.name_count(), -1);
  const std::vector<OperationId> order = topological_order(graph_);
  for (size_t k = order.size(); k-- > 0;) {
    const uint32_t id = order[k].index;
    const Operation& op = graph_.operations()[id];
    double longest = 0;
    for (uint32_t v = op.first_output; v < op.first_output + op.output_count; ++v) {
      for (uint32_t use = graph_.values()[v].first_use; use != UINT32_MAX; use = graph_.uses()[use].next) {
        longest = std::max(longest, keys_[graph_.uses()[use].operation]);
      }
    }
    double& own = cost[op.callee.index];
    if (own < 0) {
      own = costs_.predict(graph_.text(op.callee), 0, 1000);
    }
    const AttributeValue* hint = graph_.attribute(op, "cost");
    keys_[id] = longest + (hint != nullptr && std::holds_alternative<double>(*hint) ? std::get<double>(*hint) : own);
  }
}

RunResult GraphRun::run() {
  if (count_ > 0) {
    start_processes();
    const task::Attachment attachment(scheduler_);
    start_roots(attachment.worker());
    attachment.worker().wait(latch_);
    end_processes();
  }
  return collect();
}

void GraphRun::start_roots(task::Worker& worker) {
  const Executing who{&worker, worker.index()};
  if (!graph_.has_memory_order()) {
    // The other way round, so that the first root is on top.
    for (size_t i = graph_.roots().size(); i-- > 0;) {
      make_ready(graph_.roots()[i], who);
    }
    return;
  }
  // Operations may start while this loop runs, so it goes by the counts as they were.
  base::PodVector<uint32_t> roots;
  for (uint32_t id = 0; id < count_; ++id) {
    if (pending_[id] == 0) {
      roots.push_back(id);
    }
  }
  for (size_t i = roots.size(); i-- > 0;) {
    make_ready(roots[i], who);
  }
}

bool GraphRun::runs_in_process(const Operation& op) const {
  if (options_.strategy == ExecutionStrategy::thread || (options_.strategy == ExecutionStrategy::hybrid && (op.flags & kIsolated) == 0)) {
    return false;
  }
  // What needs this process's resources, and what does nothing, stays.
  return op.type == OpType::call || op.type == OpType::fused || (op.type == OpType::control && op.details != UINT32_MAX);
}

void GraphRun::make_ready(uint32_t operation, const Executing& who) noexcept {
  if (records_) {
    ready_ns_[operation] = now_ns();
  }
  if (!is_plain_) {
    const Operation& op = graph_.operations()[operation];
    if (runs_in_process(op)) {
      {
        const std::lock_guard lock(process_mutex_);
        process_queue_.push({keys_.empty() ? 0 : keys_[operation], operation});
      }
      process_changed_.notify_one();
      return;
    }
    if ((op.flags & kWaits) != 0) {
      submit_waiting(operation);
      return;
    }
    if (!lanes_.empty()) {
      const uint32_t number = next_lane_.fetch_add(1, std::memory_order_relaxed) % workers_;
      Lane& lane = *lanes_[number];
      const std::lock_guard lock(lane.mutex);
      lane.queue.push_back(operation);
      if (!lane.active) {
        lane.active = true;
        latch_.add(1);
        scheduler_.post(*lane_jobs_[number]);
      }
      return;
    }
    if (!keys_.empty()) {
      {
        const std::lock_guard lock(queue_mutex_);
        queue_.push({keys_[operation], operation});
      }
      scheduler_.post(*new (&jobs_[operation]) OperationJob(run_queued_job, this));
      return;
    }
  }
  OperationJob& job = *new (&jobs_[operation]) OperationJob(run_job, this);
  who.worker != nullptr ? who.worker->push(job) : scheduler_.post(job);
}

void GraphRun::run_job(task::Job& job, task::Worker& worker) noexcept {
  GraphRun& run = *static_cast<OperationJob&>(job).run_of;
  const Executing who{&worker, worker.index()};
  uint64_t done = run.run_chain(static_cast<uint32_t>(static_cast<OperationJob*>(&job) - run.jobs_), who);
  // The worker's own further operations of this run, without going back to the scheduler for each.
  while (task::Job* next = worker.pop()) {
    if (next->run != run_job || static_cast<OperationJob*>(next)->run_of != &run) {
      run.finish(done, &worker);
      next->run(*next, worker);
      return;
    }
    done += run.run_chain(static_cast<uint32_t>(static_cast<OperationJob*>(next) - run.jobs_), who);
  }
  run.finish(done, &worker);
}

void GraphRun::run_queued_job(task::Job& job, task::Worker& worker) noexcept {
  GraphRun& run = *static_cast<OperationJob&>(job).run_of;
  uint32_t operation;
  {
    const std::lock_guard lock(run.queue_mutex_);
    operation = run.queue_.top().operation;
    run.queue_.pop();
  }
  run.finish(run.run_chain(operation, {&worker, worker.index()}), &worker);
}

void GraphRun::run_lane_job(task::Job& job, task::Worker& worker) noexcept {
  const LaneJob& self = static_cast<LaneJob&>(job);
  GraphRun& run = *self.run_of;
  Lane& lane = *run.lanes_[self.lane];
  uint64_t done = 0;
  while (true) {
    uint32_t operation;
    {
      const std::lock_guard lock(lane.mutex);
      if (lane.queue.empty()) {
        lane.active = false;
        break;
      }
      operation = lane.queue.front();
      lane.queue.pop_front();
    }
    done += run.run_chain(operation, {&worker, self.lane});
  }
  run.finish(done, &worker);
  worker.arrive(run.latch_);
}

void GraphRun::finish(uint64_t operations, task::Worker* worker) noexcept {
  if (remaining_.fetch_sub(operations, std::memory_order_acq_rel) != operations) {
    return;
  }
  if (worker != nullptr) {
    worker->arrive(latch_);
  } else {
    const task::Attachment attachment(scheduler_);
    attachment.worker().arrive(latch_);
  }
}

/// Runs an operation, then one that it made ready, and so on; the others that it made ready are handed out.
uint64_t GraphRun::run_chain(uint32_t operation, const Executing& who) noexcept {
  uint64_t done = 0;
  do {
    execute(operation, who);
    operation = release_dependents(operation, who);
    ++done;
  } while (operation != UINT32_MAX);
  return done;
}

uint32_t GraphRun::release_dependents(uint32_t operation, const Executing& who) noexcept {
  const Operation& op = graph_.operations()[operation];
  const auto uses = graph_.uses();
  uint32_t next = UINT32_MAX;
  const auto release = [&](uint32_t dependent) {
    if (arrive(pending_[dependent])) {
      if (records_) {
        released_by_[dependent] = operation;
      }
      if (!is_plain_) {
        make_ready(dependent, who);
        return;
      }
      if (next != UINT32_MAX) {
        make_ready(next, who);
      }
      next = dependent;
    }
  };
  for (uint32_t v = op.first_output; v < op.first_output + op.output_count; ++v) {
    for (uint32_t use = graph_.values()[v].first_use; use != UINT32_MAX; use = uses[use].next) {
      release(uses[use].operation);
    }
  }
  if (!order_next_.empty()) {
    for (uint32_t i = order_first_[operation]; i < order_first_[operation + 1]; ++i) {
      release(order_next_[i]);
    }
  }
  return next;
}

void GraphRun::execute(uint32_t operation, const Executing& who) noexcept {
  if (is_careful_ || stopping_.load(std::memory_order_relaxed) || any_failed_.load(std::memory_order_relaxed)) [[unlikely]] {
    execute_carefully(operation, who);
    return;
  }
  const Operation& op = graph_.operations()[operation];
  Call call(context_, graph_, op, slots_);
  try {
    operators_[op.callee.index * 5 + static_cast<size_t>(op.type)]->run(call);
  } catch (const std::exception& error) {
    note_failure(operation, 1, error.what(), std::current_exception());
    settle(operation, OperationStatus::failed);
    return;
  } catch (...) {
    note_failure(operation, 1, "an exception of unknown type", std::current_exception());
    settle(operation, OperationStatus::failed);
    return;
  }
  if (!is_output_.empty()) {
    drop_inputs(op);
  }
}

void GraphRun::execute_carefully(uint32_t operation, const Executing& who) noexcept {
  const int64_t start = records_ ? now_ns() : 0;
  uint32_t attempts = 0;
  OperationStatus status = OperationStatus::skipped;
  if (states_[operation].load(std::memory_order_acquire) != kPoisoned && !stopped()) {
    status = attempt(operation, attempts);
  }
  settle(operation, status);
  record(operation, who, status, attempts, start, records_ ? now_ns() : 0);
}

OperationStatus GraphRun::attempt(uint32_t operation, uint32_t& attempts) noexcept {
  const Operation& op = graph_.operations()[operation];
  while (true) {
    ++attempts;
    try {
      Call call(context_, graph_, op, slots_);
      operators_[op.callee.index * 5 + static_cast<size_t>(op.type)]->run(call);
      if (!is_output_.empty()) {
        drop_inputs(op);
      }
      return OperationStatus::done;
    } catch (const TransientError& error) {
      if (attempts >= options_.retry.attempts || !pause_before_retry(attempts)) {
        note_failure(operation, attempts, error.what(), std::current_exception());
        return OperationStatus::failed;
      }
    } catch (const std::exception& error) {
      note_failure(operation, attempts, error.what(), std::current_exception());
      return OperationStatus::failed;
    } catch (...) {
      note_failure(operation, attempts, "an exception of unknown type", std::current_exception());
      return OperationStatus::failed;
    }
  }
}

/// Sleeps before the next attempt; false when the run stops meanwhile.
bool GraphRun::pause_before_retry(uint32_t attempts) noexcept {
  const int64_t pause = options_.retry.backoff.count() << std::min(attempts - 1, 20u);
  const int64_t end = now_ns() + pause;
  constexpr int64_t kStep = 10'000'000;  // [ns] between looks at the cancellation
  while (!stopped()) {
    const int64_t left = end - now_ns();
    if (left <= 0) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::min(left, kStep)));
  }
  return false;
}

bool GraphRun::stopped() noexcept {
  if (stopping_.load(std::memory_order_relaxed)) {
    return true;
  }
  if (options_.cancellation != nullptr && options_.cancellation->requested()) {
    stopping_.store(true, std::memory_order_relaxed);
    return true;
  }
  return false;
}

/// Marks what depends on an operation that gave nothing. Must come before its dependents are released.
void GraphRun::settle(uint32_t operation, OperationStatus status) noexcept {
  if (status == OperationStatus::done) {
    return;
  }
  states_[operation].store(static_cast<uint8_t>(status), std::memory_order_relaxed);
  const Operation& op = graph_.operations()[operation];
  for (uint32_t v = op.first_output; v < op.first_output + op.output_count; ++v) {
    slots_[v] = Value();
    for (uint32_t use = graph_.values()[v].first_use; use != UINT32_MAX; use = graph_.uses()[use].next) {
      states_[graph_.uses()[use].operation].store(kPoisoned, std::memory_order_release);
    }
  }
  if (!order_next_.empty()) {
    for (uint32_t i = order_first_[operation]; i < order_first_[operation + 1]; ++i) {
      states_[order_next_[i]].store(kPoisoned, std::memory_order_release);
    }
  }
  if (status == OperationStatus::skipped) {
    any_skipped_.store(true, std::memory_order_relaxed);
  }
  any_failed_.store(true, std::memory_order_release);
}

/// Gives up values that only this operation used, so that their memory can be used again.
void GraphRun::drop_inputs(const Operation& op) noexcept {
  for (const ValueRef input : graph_.inputs(op)) {
    const ValueRecord& value = graph_.value(input);
    if (value.kind == ValueKind::result && graph_.uses()[value.first_use].next == UINT32_MAX && !is_output_[input.index]) {
      slots_[input.index] = Value();
    }
  }
}

void GraphRun::note_failure(uint32_t operation, uint32_t attempts, std::string message, std::exception_ptr exception) noexcept {
  const std::lock_guard lock(result_mutex_);
  failures_.push_back({{operation}, attempts, std::move(message), std::move(exception)});
  any_failed_.store(true, std::memory_order_release);
  if (options_.on_error == ErrorPolicy::fail_fast) {
    stopping_.store(true, std::memory_order_relaxed);
  }
}

void GraphRun::submit_waiting(uint32_t operation) {
  waiting_.submit(keys_.empty() ? 0 : keys_[operation], [this, operation](unsigned number) {
    const Executing who{nullptr, kWaitingLane + number};
    execute(operation, who);
    uint32_t next = release_dependents(operation, who);
    if (next != UINT32_MAX) {
      make_ready(next, who);
    }
    finish(1, nullptr);
  });
}

void GraphRun::start_processes() {
  if (options_.strategy == ExecutionStrategy::thread || (options_.strategy == ExecutionStrategy::hybrid && (graph_.all_flags() & kIsolated) == 0)) {
    return;
  }
  for (unsigned i = 0; i < workers_; ++i) {
    process_threads_.emplace_back([this, i] { serve_processes(i); });
  }
}

void GraphRun::end_processes() {
  {
    const std::lock_guard lock(process_mutex_);
    processes_end_ = true;
  }
  process_changed_.notify_all();
  for (std::thread& thread : process_threads_) {
    thread.join();
  }
}

/// A thread that keeps one worker process busy.
void GraphRun::serve_processes(unsigned number) {
  ProcessWorker worker(graph_, context_);
  const Executing who{nullptr, kProcessLane + number};
  while (true) {
    uint32_t operation;
    {
      std::unique_lock lock(process_mutex_);
      process_changed_.wait(lock, [&] { return processes_end_ || !process_queue_.empty(); });
      if (process_queue_.empty()) {
        return;
      }
      operation = process_queue_.top().operation;
      process_queue_.pop();
    }
    const int64_t start = records_ ? now_ns() : 0;
    uint32_t attempts = 0;
    OperationStatus status = OperationStatus::skipped;
    if (states_[operation].load(std::memory_order_acquire) != kPoisoned && !stopped()) {
      status = attempt_in_process(operation, worker, attempts);
    }
    settle(operation, status);
    record(operation, who, status, attempts, start, records_ ? now_ns() : 0);
    const uint32_t next = release_dependents(operation, who);
    if (next != UINT32_MAX) {
      make_ready(next, who);
    }
    finish(1, nullptr);
  }
}

OperationStatus GraphRun::attempt_in_process(uint32_t operation, ProcessWorker& worker, uint32_t& attempts) noexcept {
  const Operation& op = graph_.operations()[operation];
  uint32_t deaths = 0;
  while (true) {
    ++attempts;
    try {
      std::vector<Value> outputs;
      std::string message;
      switch (worker.call({operation}, slots_, outputs, message)) {
        case ProcessWorker::Reply::done:
          for (uint32_t i = 0; i < op.output_count; ++i) {
            slots_[op.first_output + i] = std::move(outputs[i]);
          }
          if (!is_output_.empty()) {
            drop_inputs(op);
          }
          return OperationStatus::done;
        case ProcessWorker::Reply::stopped: stopping_.store(true, std::memory_order_relaxed); return OperationStatus::skipped;
        case ProcessWorker::Reply::failed_transiently:
          if (attempts - deaths >= options_.retry.attempts || !pause_before_retry(attempts)) {
            note_failure(operation, attempts, message, std::make_exception_ptr(TransientError(message)));
            return OperationStatus::failed;
          }
          break;
        case ProcessWorker::Reply::failed:
          note_failure(operation, attempts, message, std::make_exception_ptr(std::runtime_error(message)));
          return OperationStatus::failed;
        case ProcessWorker::Reply::died: {
          {
            const std::lock_guard lock(result_mutex_);
            deaths_.push_back({worker.dead_pid(), worker.death_status(), {operation}});
          }
          if (++deaths > options_.retry.deaths || stopped()) {
            note_failure(operation, attempts, "the worker process " + std::to_string(worker.dead_pid()) + " died", nullptr);
            return OperationStatus::failed;
          }
          break;
        }
      }
    } catch (const std::exception& error) {
      note_failure(operation, attempts, error.what(), std::current_exception());
      return OperationStatus::failed;
    }
  }
}

void GraphRun::record(uint32_t operation, const Executing& who, OperationStatus status, uint32_t attempts, int64_t start, int64_t end) noexcept {
  if (!records_) {
    return;
  }
  const TraceEvent event{{operation}, {released_by_[operation]}, who.trace_lane, attempts, status, ready_ns_[operation], start, end};
  if (who.worker != nullptr) {
    worker_events_[who.worker->index()].push_back(event);
  } else {
    const std::lock_guard lock(result_mutex_);
    outside_events_.push_back(event);
  }
}

RunResult GraphRun::collect() {
  RunResult result;
  for (const ValueRef output : graph_.outputs()) {
    result.outputs.push_back(slots_[output.index]);
  }
  result.failures = std::move(failures_);
  std::ranges::sort(result.failures, {}, [](const OperationFailure& failure) { return failure.operation; });
  result.deaths = std::move(deaths_);
  for (size_t i = 0; any_skipped_.load(std::memory_order_relaxed) && i < count_; ++i) {
    result.skipped += states_[i].load(std::memory_order_relaxed) == static_cast<uint8_t>(OperationStatus::skipped) ? 1 : 0;
  }
  using Outcome = RunResult::Outcome;
  if (!result.failures.empty()) {
    result.outcome = Outcome::failed;
  } else if (result.skipped > 0) {
    result.outcome = options_.cancellation != nullptr && options_.cancellation->state() == task::Outcome::deadline_exceeded ? Outcome::deadline_exceeded
                                                                                                                            : Outcome::cancelled;
  }
  if (records_) {
    collect_trace(result);
  }
  return result;
}

void GraphRun::collect_trace(RunResult& result) {
  std::vector<TraceEvent>& events = result.trace.events;
  events = std::move(outside_events_);
  for (const auto& list : worker_events_) {
    events.insert(events.end(), list.begin(), list.end());
  }
  std::ranges::sort(events,
                    [](const TraceEvent& a, const TraceEvent& b) { return a.start_ns != b.start_ns ? a.start_ns < b.start_ns : a.operation < b.operation; });
  std::vector<uint32_t> lanes;
  for (const TraceEvent& event : events) {
    lanes.push_back(event.lane);
  }
  std::ranges::sort(lanes);
  lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
  for (const uint32_t lane : lanes) {
    result.trace.lane_names.push_back(lane >= kProcessLane   ? "process " + std::to_string(lane - kProcessLane)
                                      : lane >= kWaitingLane ? "waiting " + std::to_string(lane - kWaitingLane)
                                                             : "worker " + std::to_string(lane));
  }
  for (TraceEvent& event : events) {
    event.lane = static_cast<uint32_t>(std::ranges::lower_bound(lanes, event.lane) - lanes.begin());
  }
  costs_.learn(graph_, result.trace);
}

}  // namespace omega::graph
