// SPDX-License-Identifier: Apache-2.0
// One operation: its calls, failures and retries, and what does not run after it.
#include "omega/graph/exec/graph_run.h"

#include <algorithm>

namespace omega::graph {

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
      operators_[operator_numbers_[operation]]->run(call);
      if (drops_inputs_) {
        drop_inputs(op);
      }
      return OperationStatus::done;
    } catch (const TransientError& error) {
      if (attempts >= options_.retry.attempts || !pause_before_retry(attempts)) {
        note_failure(operation, attempts, error.what(), std::current_exception());
        return OperationStatus::failed;
      }
    } catch (...) {
      note_caught(operation, attempts);
      return OperationStatus::failed;
    }
  }
}

/// Inside a handler: the exception in hand is the operation's failure.
void GraphRun::note_caught(uint32_t operation, uint32_t attempts) noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    note_failure(operation, attempts, error.what(), std::current_exception());
  } catch (...) {
    note_failure(operation, attempts, "an exception of unknown type", std::current_exception());
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
    if (slots_ != nullptr) {
      slots_[v] = Value();
    }
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
  careful_.store(true, std::memory_order_release);
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
  careful_.store(true, std::memory_order_release);
  if (options_.on_error == ErrorPolicy::fail_fast) {
    stopping_.store(true, std::memory_order_relaxed);
  }
}

}  // namespace omega::graph
