// SPDX-License-Identifier: Apache-2.0
// What one run needs before its first operation: memory, counters, keys.
#include "omega/graph/exec/graph_run.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "omega/graph/ir/order.h"
#include "omega/task/parallel_for.h"

namespace omega::graph {

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
  take_memory();
  prepare_operations(registry);
  for (size_t i = 0; i < inputs.size(); ++i) {
    slots_[graph.inputs()[i].index] = inputs[i];
  }
  for (const ValueRef constant : graph.constants()) {
    slots_[constant.index] = Value::of(graph.constant(constant));
  }
  if (graph.carries_data()) {
    drops_inputs_ = true;
    is_output_.resize(graph.values().size());
    for (const ValueRef output : graph.outputs()) {
      is_output_[output.index] = true;
    }
  }
  records_ = options.record_trace || options.distribution == Distribution::load_balancing;
  beside_flags_ = options.strategy == ExecutionStrategy::thread ? kWaits : options.strategy == ExecutionStrategy::hybrid ? kWaits | kIsolated : 0xff;
  careful_ = records_ || options.cancellation != nullptr || options.retry.attempts > 1;
  is_plain_ =
      options.distribution == Distribution::stealing && options.strategy != ExecutionStrategy::process && (graph.all_flags() & beside_flags_) == 0 && !records_;
  is_simple_ = is_plain_ && !graph.has_memory_order();
  prepare_order();
  prepare_keys();
  if (records_) {
    worker_events_.resize(scheduler.slot_limit());
    ready_ns_.resize(count_, 0);
    released_by_.resize(count_, UINT32_MAX);
  }
}

GraphRun::~GraphRun() {
  for (size_t i = 0; slots_ != nullptr && i < graph_.values().size(); ++i) {
    slots_[i].~Value();
  }
}

/// Arrays by value and by operation, in memory that earlier runs have used: a graph of empty operations runs faster than fresh pages come.
void GraphRun::take_memory() {
  const bool has_values = graph_.carries_data() || !graph_.inputs().empty() || !graph_.constants().empty() || options_.strategy != ExecutionStrategy::thread;
  const size_t slot_bytes = has_values ? graph_.values().size() * sizeof(Value) : 0;
  const uint32_t pooled = workers_ + kGuests;
  const size_t job_bytes = OperationJobs::bytes(count_, pooled);
  const size_t counter_bytes = count_ * sizeof(Counter);
  memory_ = Buffer(job_bytes + counter_bytes + slot_bytes + count_ * (sizeof(uint16_t) + 1));
  std::byte* at = memory_.data();
  jobs_.emplace(at, count_, pooled);
  at += job_bytes;
  counters_ = reinterpret_cast<Counter*>(at);
  at += counter_bytes;
  if (has_values) {
    std::memset(at, 0, slot_bytes);  // a Value of zeros holds nothing
    slots_ = reinterpret_cast<Value*>(at);
    at += slot_bytes;
  }
  operator_numbers_ = reinterpret_cast<uint16_t*>(at);
  at += count_ * sizeof(uint16_t);
  std::memset(at, 0, count_);
  states_ = reinterpret_cast<std::atomic<uint8_t>*>(at);
}

/// Counters and operators of all operations, in one pass, on all workers where that pays. Throws std::invalid_argument when an operator is
/// missing.
void GraphRun::prepare_operations(const OperatorRegistry& registry) {
  constexpr size_t kPiece = 4096;  // some ten microseconds
  std::vector<uint32_t> known(graph_.name_count() * kOpTypes, kNone);
  std::mutex adding;
  const auto prepare = [&](size_t begin, size_t end) { prepare_piece(static_cast<uint32_t>(begin), static_cast<uint32_t>(end), registry, known, adding); };
  // What hangs on one root by no more values than there are operations mostly runs on one worker: its counters had better be in that one's cache.
  const bool is_narrow = graph_.roots().size() == 1 && graph_.uses().size() <= count_;
  if (workers_ > 1 && count_ >= 4 * kPiece && !is_narrow) {
    task::parallel_for(scheduler_, 0, count_, prepare, {.grain = kPiece});
  } else {
    prepare(0, count_);
  }
}

/// Of operations [begin, end). `known`: numbers of operators by name and type, kNone where nobody has asked.
void GraphRun::prepare_piece(uint32_t begin, uint32_t end, const OperatorRegistry& registry, std::vector<uint32_t>& known, std::mutex& adding) {
  const ValueRecord* const values = graph_.values().data();
  const Use* const uses = graph_.uses().data();
  const Operation* op = graph_.operations().data() + begin;
  const uint32_t* count = graph_.dependency_counts().data() + begin;
  Counter* counter = counters_ + begin;
  uint16_t* number = operator_numbers_ + begin;
  // Neighbours often call the same: what all fields in front say, type, flags, outputs and callee, is looked at as one number. The last with one output.
  uint64_t last_header = ~uint64_t{0};
  uint16_t last_number = 0;
  // The only use of a value by the operation behind its own, as one number.
  uint64_t next_alone = std::bit_cast<uint64_t>(Use{begin + 1, kNone});
  for (Counter* const last = counters_ + end; counter != last; ++op, ++count, ++counter, ++number, ++next_alone) {
    uint64_t header;
    static_assert(offsetof(Operation, first_input) == sizeof header);
    std::memcpy(&header, op, sizeof header);
    if (header != last_header) [[unlikely]] {
      last_number = number_of_operator(*op, registry, known, adding);
      if (op->output_count != 1) {
        *number = last_number;
        *counter = {*count, kNone, kNone, kByOutputs};
        last_header = ~uint64_t{0};
        continue;
      }
      last_header = header;
    }
    *number = last_number;
    counter->pending = *count;
    const uint32_t use = values[op->first_output].first_use;
    if (use == kNone) [[unlikely]] {
      set_dependents(*counter, kNone, kNone, kNone);
      continue;
    }
    if (std::bit_cast<uint64_t>(uses[use]) == next_alone && count[1] == 1) [[likely]] {
      set_dependents(*counter, static_cast<uint32_t>(next_alone), kNone, kNextAlone);
      continue;
    }
    const auto [user, next] = uses[use];
    if (next == kNone) {
      set_dependents(*counter, user, kNone, kNone);
    } else {
      set_dependents(*counter, user, uses[next].operation, uses[next].next);
    }
  }
}

/// Which of operators_ an operation calls.
uint16_t GraphRun::number_of_operator(const Operation& op, const OperatorRegistry& registry, std::vector<uint32_t>& known, std::mutex& adding) {
  const std::atomic_ref<uint32_t> known_number(known[op.callee.index * kOpTypes + static_cast<size_t>(op.type)]);
  uint32_t number = known_number.load(std::memory_order_relaxed);
  if (number == kNone) {
    const std::lock_guard lock(adding);
    number = known_number.load(std::memory_order_relaxed);
    if (number == kNone) {
      number = add_operator(registry, number_of(op));
      known_number.store(number, std::memory_order_relaxed);
    }
  }
  return static_cast<uint16_t>(number);
}

uint32_t GraphRun::add_operator(const OperatorRegistry& registry, uint32_t operation) {
  const Operator* const found = operator_of(registry, graph_, graph_.operations()[operation]);
  if (found == nullptr) {
    throw std::invalid_argument(describe_operation(graph_, {operation}) + ": there is no such operator");
  }
  if (operators_.size() > UINT16_MAX) {
    throw std::invalid_argument(describe_operation(graph_, {operation}) + ": a graph calls at most 65,536 operators");
  }
  operators_.push_back(found);
  return static_cast<uint32_t>(operators_.size() - 1);
}

void GraphRun::prepare_order() {
  if (!graph_.has_memory_order()) {
    return;
  }
  const std::vector<OrderEdge> edges = order_edges(graph_);
  order_first_.resize(count_ + 1, 0);
  for (const OrderEdge& edge : edges) {
    ++order_first_[edge.before.index + 1];
    ++counters_[edge.after.index].pending;
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
    const std::span<const uint32_t> roots = graph_.roots();
    // Nobody is woken for the first one. The other way round, so that what comes first is on top.
    const size_t own = is_plain_ && !roots.empty() ? 1 : 0;
    for (size_t i = roots.size(); i-- > own;) {
      make_ready(roots[i], who);
    }
    if (own > 0) {
      finish(run_chain(roots.front(), who), &worker);
    }
    return;
  }
  // Operations may start while this loop runs, so it goes by the counts as they were.
  base::PodVector<uint32_t> roots;
  for (uint32_t id = 0; id < count_; ++id) {
    if (counters_[id].pending == 0) {
      roots.push_back(id);
    }
  }
  for (size_t i = roots.size(); i-- > 0;) {
    make_ready(roots[i], who);
  }
}

}  // namespace omega::graph
