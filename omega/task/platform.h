// SPDX-License-Identifier: Apache-2.0
// What the lock-free parts of the scheduler stand on: atomics, fences, sleep. The tests put a model of a machine in its place.
#pragma once

#include <atomic>
#include <climits>
#include <cstdint>

#include "omega/sys/environment.h"
#include "omega/task/fences.h"
#include "omega/task/futex.h"

namespace omega::task {

/// Tells the processor that this thread spins.
inline void spin_pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  asm volatile("yield" ::: "memory");
#endif
}

/// The machine itself. Deque, Injector, Parker, IdleSet, latches, barriers and cancellations take such a policy as their last template
/// argument, so that the interleaving tests run the same source on a modelled memory.
struct SystemPlatform {
  template <class T>
  using Atomic = std::atomic<T>;

  static void full_fence() noexcept { task::full_fence(); }
  static void light_fence() noexcept { task::light_fence(); }
  static void heavy_fence() noexcept { task::heavy_fence(); }

  /// Sleeps while `word` holds `expected`, at most until `deadline_ns` on CLOCK_MONOTONIC (INT64_MAX: for ever); may return early.
  static void wait(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns) noexcept { futex_wait_until(word, expected, deadline_ns); }
  /// CLOCK_MONOTONIC in nanoseconds.
  static int64_t now_ns() noexcept { return sys::real_clock().now_ns(); }
  /// Wakes one thread that sleeps on `word`.
  static void wake_one(std::atomic<uint32_t>& word) noexcept { futex_wake(word, 1); }
  /// Wakes all threads that sleep on `word`.
  static void wake_all(std::atomic<uint32_t>& word) noexcept { futex_wake(word, INT_MAX); }
};

/// A lock of one word for short critical sections off the hot path; sleeps in the kernel when it is held.
template <class Platform>
class BasicMutex {
 public:
  void lock() noexcept {
    uint32_t seen = 0;
    if (!word_.compare_exchange_strong(seen, 1, std::memory_order_acquire, std::memory_order_relaxed)) {
      // 2: held, and someone may sleep.
      while (word_.exchange(2, std::memory_order_acquire) != 0) {
        Platform::wait(word_, 2, INT64_MAX);
      }
    }
  }
  [[nodiscard]] bool try_lock() noexcept {
    uint32_t seen = 0;
    return word_.compare_exchange_strong(seen, 1, std::memory_order_acquire, std::memory_order_relaxed);
  }
  void unlock() noexcept {
    if (word_.exchange(0, std::memory_order_release) == 2) {
      Platform::wake_one(word_);
    }
  }

 private:
  typename Platform::template Atomic<uint32_t> word_{0};
};

}  // namespace omega::task
