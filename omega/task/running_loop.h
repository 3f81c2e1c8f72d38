// SPDX-License-Identifier: Apache-2.0
// What all ways to divide a loop have in common while it runs.
#pragma once

#include <atomic>
#include <cstddef>
#include <new>
#include <utility>

#include "omega/task/cancellation.h"
#include "omega/task/first_failure.h"
#include "omega/task/parallel_for.h"
#include "omega/task/scheduler.h"

namespace omega::task {

/// A loop, on the stack of who came with it.
struct Loop {
  Scheduler& scheduler;
  LoopBody body;
  const Cancellation* cancellation;
  FirstFailure failure{};
  /// The caller counts one; so does every job that was given away. Nobody waits for them one by one.
  Latch latch{1};
  std::atomic<Outcome> outcome{Outcome::done};

  /// Whether the cancellation has stopped the loop. Any thread.
  [[nodiscard]] bool stopped() noexcept {
    if (cancellation != nullptr) {
      const Outcome state = cancellation->state();
      if (state != Outcome::done) [[unlikely]] {
        outcome.store(state, std::memory_order_relaxed);
        return true;
      }
    }
    return false;
  }

  /// Whether iterations from `begin` on should still run. Any thread.
  [[nodiscard]] bool goes_on(size_t begin) noexcept { return failure.index() >= begin && !stopped(); }

  /// Any thread.
  void run_piece(size_t begin, size_t end, uint32_t participant) noexcept {
    try {
      body.run(body.body, begin, end, participant);
    } catch (...) {
      // Within a piece iterations run in order, so the lowest piece that fails holds the lowest iteration that fails.
      failure.note(begin);
    }
  }

  /// What the caller learns when nobody runs iterations any more: an exception, or why it ended.
  Outcome end() {
    failure.rethrow();
    return outcome.load(std::memory_order_relaxed);
  }
};

/// Puts a job made of `from` into the worker's deque; it lives in the worker's blocks and counts in the latch, which the caller of this
/// holds. False when there is no memory for it.
template <class GivenJob, class... From>
bool give(Worker& worker, Latch& latch, From&&... from) noexcept {
  static_assert(sizeof(GivenJob) <= BlockPool::block_size && alignof(GivenJob) <= BlockPool::alignment);
  void* memory = nullptr;
  try {
    memory = worker.blocks().allocate();
    latch.add(1);
    worker.push(*new (memory) GivenJob(std::forward<From>(from)...));
    return true;
  } catch (const std::bad_alloc&) {
    if (memory != nullptr) {
      BlockPool::free(memory, worker.blocks());
      static_cast<void>(latch.arrive());
    }
    return false;
  }
}

/// Partition::lazy.
Outcome run_lazy(Scheduler& scheduler, size_t begin, size_t end, LoopBody body, const LoopOptions& options, LoopSite& site);

}  // namespace omega::task
