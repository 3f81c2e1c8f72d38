// SPDX-License-Identifier: Apache-2.0
// Operations in worker processes.
#include "omega/graph/exec/graph_run.h"

namespace omega::graph {

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
          if (drops_inputs_) {
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

}  // namespace omega::graph
