// SPDX-License-Identifier: Apache-2.0
// Worker: a place in a scheduler, taken by one thread at a time.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "omega/task/block_pool.h"
#include "omega/task/deque.h"
#include "omega/task/idle.h"
#include "omega/task/job.h"
#include "omega/task/latch.h"
#include "omega/task/parker.h"

namespace omega::task {

class Scheduler;

/// A slot of a scheduler: its own threads hold one each for good, other threads take one while they work in it. Everything here is for the
/// thread that holds the slot, unless it says otherwise.
class alignas(64) Worker {
 public:
  Worker(Scheduler& scheduler, const IdleSet<>& idle, uint32_t index) : scheduler_(scheduler), idle_(idle), index_(index), random_(index * 2 + 1) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// The scheduler this is a slot of. Any thread.
  [[nodiscard]] Scheduler& scheduler() const noexcept { return scheduler_; }
  /// The slot's number, less than Scheduler::slot_limit(). Any thread.
  [[nodiscard]] uint32_t index() const noexcept { return index_; }

  /// Puts a job into this worker's deque, where others can steal it, and wakes a sleeper if one is wanted. Throws std::bad_alloc, having
  /// done nothing, when the deque must grow and cannot.
  void push(Job& job) {
    deque_.push(&job);
    light_fence();
    if (idle_.wanted()) [[unlikely]] {
      wake_one();
    }
  }

  /// The job pushed last that nobody has stolen, or null.
  Job* pop() noexcept { return deque_.pop(); }

  /// The job that pop() would give a moment ago, or null. It may be stolen, and gone, by now.
  [[nodiscard]] const Job* peek() const noexcept { return deque_.peek(); }

  /// Runs jobs of this scheduler, asleep when there are none, until the latch is done. What the jobs did is visible then.
  void wait(Latch& latch) noexcept { wait_until(latch, INT64_MAX); }
  /// The same, at most until CLOCK_MONOTONIC reaches `deadline_ns`; a job that has begun is not interrupted.
  /// @return whether the latch is done.
  bool wait_until(Latch& latch, int64_t deadline_ns) noexcept;

  /// Lowers the latch and wakes its waiter, if any. The latch may be gone afterwards.
  void arrive(Latch& latch) noexcept {
    if (const uint32_t waiter = latch.arrive()) [[unlikely]] {
      wake_slot(waiter - 1);
    }
  }

  /// Memory for jobs that outlive the call that makes them.
  [[nodiscard]] BlockPool& blocks() noexcept { return blocks_; }

  /// Whether there is nothing in this worker's own deque. Any thread.
  [[nodiscard]] bool deque_empty() const noexcept { return deque_.empty(); }

 private:
  friend class Scheduler;

  [[gnu::noinline]] void wake_one() noexcept;
  [[gnu::noinline]] void wake_slot(uint32_t slot) noexcept;

  Deque<Job> deque_;
  Scheduler& scheduler_;
  const IdleSet<>& idle_;
  uint32_t index_;
  uint32_t searches_ = 0;
  uint64_t random_;
  BlockPool blocks_;
  alignas(64) Parker<> parker_;
  /// Set while a thread holds the slot.
  std::atomic<bool> taken_{false};
  /// Of the scheduler's own thread that holds the slot, from its start on.
  pthread_t thread_{};
};

namespace worker_detail {
/// The slot this thread holds, innermost if several, or null.
inline constinit thread_local Worker* current = nullptr;
}  // namespace worker_detail

/// The slot in which the calling thread works, or null where it works in none.
inline Worker* current_worker() noexcept { return worker_detail::current; }

}  // namespace omega::task
