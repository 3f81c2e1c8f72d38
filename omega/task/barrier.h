// SPDX-License-Identifier: Apache-2.0
// Barrier: threads that wait for each other at the end of a phase.
#pragma once

#include <atomic>
#include <cstdint>

#include "omega/base/check.h"
#include "omega/task/platform.h"

namespace omega::task {

/// A meeting point of a fixed number of threads, used phase after phase; who waits sleeps. For threads that are certain to run at the same
/// time: tasks of a scheduler are not (fewer workers than tasks would wait for ever), they use a group or a loop, whose end is a barrier.
template <class Platform>
class BasicBarrier {
 public:
  /// For `threads` threads, at least one.
  explicit BasicBarrier(uint32_t threads) noexcept : expected_(threads), missing_(threads) { OMEGA_CHECK(threads > 0, "a barrier for nobody"); }
  BasicBarrier(const BasicBarrier&) = delete;
  BasicBarrier& operator=(const BasicBarrier&) = delete;

  /// Waits until all have arrived; what each did before is then visible to all. Any of the threads.
  /// @return true in the one thread that arrived last.
  bool arrive_and_wait() noexcept {
    const uint32_t phase = phase_.load(std::memory_order_acquire);
    if (arrive()) {
      return true;
    }
    while (phase_.load(std::memory_order_acquire) == phase) {
      Platform::wait(phase_, phase, INT64_MAX);
    }
    return false;
  }

  /// Arrives for this phase and leaves for good: the phases after it expect one thread less.
  void arrive_and_drop() noexcept {
    expected_.fetch_sub(1, std::memory_order_relaxed);
    arrive();
  }

 private:
  bool arrive() noexcept {
    if (missing_.fetch_sub(1, std::memory_order_acq_rel) != 1) {
      return false;
    }
    missing_.store(expected_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    phase_.fetch_add(1, std::memory_order_release);
    Platform::wake_all(phase_);
    return true;
  }

  template <class T>
  using Atomic = typename Platform::template Atomic<T>;
  Atomic<uint32_t> expected_;
  alignas(64) Atomic<uint32_t> missing_;
  alignas(64) Atomic<uint32_t> phase_{0};
};

using Barrier = BasicBarrier<SystemPlatform>;

}  // namespace omega::task
