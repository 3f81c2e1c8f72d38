// SPDX-License-Identifier: Apache-2.0
// From ready to done: who runs an operation next, and what it makes ready.
#include "omega/graph/exec/graph_run.h"

namespace omega::graph {
namespace {

/// One fewer to wait for. True for the last one, who sees what all others did.
bool arrive(uint32_t& count) {
  std::atomic_ref<uint32_t> pending(count);
  // Nobody else can lower a count of one, so the costly exchange is not needed.
  return pending.load(std::memory_order_acquire) == 1 || pending.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

}  // namespace

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
      scheduler_.post(jobs_->take(who.worker, run_queued_job, this, operation));
      return;
    }
  }
  OperationJob& job = jobs_->take(who.worker, run_job, this, operation);
  who.worker != nullptr ? who.worker->push(job) : scheduler_.post(job);
}

void GraphRun::run_job(task::Job& job, task::Worker& worker) noexcept {
  GraphRun& run = *static_cast<OperationJob&>(job).run_of;
  const Executing who{&worker, worker.index()};
  const auto run_next = [&](task::Job& next) {
    const uint32_t operation = static_cast<OperationJob&>(next).operation.load(std::memory_order_relaxed);
    run.jobs_->give_back(static_cast<OperationJob&>(next), worker);
    return run.run_chain(operation, who);
  };
  uint64_t done = run_next(job);
  // The worker's own further operations of this run, without going back to the scheduler for each.
  while (task::Job* next = worker.pop()) {
    const auto* const behind = static_cast<const OperationJob*>(worker.peek());
    if (run.jobs_->holds(behind)) {
      run.fetch_ahead(run.counters_[behind->operation.load(std::memory_order_relaxed)]);
    }
    if (next->run != run_job || static_cast<OperationJob*>(next)->run_of != &run) {
      run.finish(done, &worker);
      next->run(*next, worker);
      return;
    }
    done += run_next(*next);
  }
  run.finish(done, &worker);
}

void GraphRun::run_queued_job(task::Job& job, task::Worker& worker) noexcept {
  GraphRun& run = *static_cast<OperationJob&>(job).run_of;
  run.jobs_->give_back(static_cast<OperationJob&>(job), worker);
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

/// `op` is one of the graph's, `number` that of its operator. `call` is one of this run; it is turned to the operation.
void GraphRun::execute(const Operation& op, uint16_t number, const Executing& who, Call& call) noexcept {
  if (careful_.load(std::memory_order_relaxed)) [[unlikely]] {
    execute_carefully(number_of(op), who);
    return;
  }
  call.turn_to(op);
  try {
    operators_[number]->run(call);
  } catch (...) {
    note_caught(number_of(op), 1);
    settle(number_of(op), OperationStatus::failed);
    return;
  }
  if (drops_inputs_) {
    drop_inputs(op);
  }
}

/// Runs an operation, then one that it made ready, and so on; the others that it made ready are handed out.
uint64_t GraphRun::run_chain(uint32_t operation, const Executing& who) noexcept {
  Call call(context_, graph_, graph_.operations()[operation], slots_);
  Counter* const counters = counters_;
  const bool is_simple = is_simple_;
  uint64_t done = 0;
  while (true) {
    if (is_simple && counters[operation].rest == kNextAlone) {
      const uint32_t last = run_neighbours(operation, who, call);
      done += last - operation;
      operation = last;
    }
    const Counter& own = counters[operation];
    if (is_simple && waits_at_most_one(own)) {
      // No choice, nothing to hand out.
      execute(graph_.operations()[operation], operator_numbers_[operation], who, call);
      ++done;
      if (own.first == kNone || !arrive(counters[own.first].pending)) {
        return done;
      }
      operation = own.first;
      continue;
    }
    fetch_ahead(own);
    execute(graph_.operations()[operation], operator_numbers_[operation], who, call);
    ++done;
    operation = release_dependents(operation, who);
    if (operation == kNone) {
      return done;
    }
  }
}

/// Runs an operation and those behind it, as long as each waits for nothing but the one before it. Gives the first that does not, which is ready.
uint32_t GraphRun::run_neighbours(uint32_t operation, const Executing& who, Call& call) noexcept {
  const Operation* op = &graph_.operations()[operation];
  const uint16_t* number = operator_numbers_ + operation;
  const Counter* counter = counters_ + operation;
  do {
    execute(*op++, *number++, who, call);
    ++counter;
  } while (counter->rest == kNextAlone);
  return number_of(*op);
}

template <class Release>
inline void GraphRun::for_each_dependent(uint32_t operation, const Counter& counter, Release release) const {
  if (counter.first != kNone) {
    release(counter.first);
  }
  if (counter.second != kNone) {
    release(counter.second);
  }
  if (counter.rest == kByOutputs) [[unlikely]] {
    const Operation& op = graph_.operations()[operation];
    for (uint32_t v = op.first_output; v < op.first_output + op.output_count; ++v) {
      for (uint32_t use = graph_.values()[v].first_use; use != kNone; use = graph_.uses()[use].next) {
        release(graph_.uses()[use].operation);
      }
    }
  } else if (counter.rest != kNextAlone) {
    for (uint32_t use = counter.rest; use != kNone; use = graph_.uses()[use].next) {
      release(graph_.uses()[use].operation);
    }
  }
  if (!order_next_.empty()) [[unlikely]] {
    for (uint32_t i = order_first_[operation]; i < order_first_[operation + 1]; ++i) {
      release(order_next_[i]);
    }
  }
}

uint32_t GraphRun::release_dependents(uint32_t operation, const Executing& who) noexcept {
  uint32_t next = kNone;
  for_each_dependent(operation, counters_[operation], [&](uint32_t dependent) {
    if (arrive(counters_[dependent].pending)) {
      if (records_) {
        released_by_[dependent] = operation;
      }
      if (!is_plain_) {
        make_ready(dependent, who);
        return;
      }
      if (next != kNone) {
        make_ready(next, who);
      }
      next = dependent;
    }
  });
  return next;
}

void GraphRun::submit_waiting(uint32_t operation) {
  waiting_.submit(keys_.empty() ? 0 : keys_[operation], [this, operation](unsigned number) {
    const Executing who{nullptr, kWaitingLane + number};
    Call call(context_, graph_, graph_.operations()[operation], slots_);
    execute(graph_.operations()[operation], operator_numbers_[operation], who, call);
    uint32_t next = release_dependents(operation, who);
    if (next != UINT32_MAX) {
      make_ready(next, who);
    }
    finish(1, nullptr);
  });
}

}  // namespace omega::graph
