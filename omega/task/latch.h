// SPDX-License-Identifier: Apache-2.0
// Latch: how many jobs are still to finish, and who waits for them.
#pragma once

#include <atomic>
#include <cstdint>

#include "omega/base/check.h"
#include "omega/task/platform.h"

namespace omega::task {

/// A count with room for one waiter, who wants it to be zero. Count and waiter share a word, so that the last to arrive() learns whom to
/// wake and touches the latch no more: its memory may be gone by then.
template <class Platform>
class BasicLatch {
 public:
  explicit BasicLatch(uint64_t count) noexcept : word_(count) {}

  /// Whether the count is zero; then everything done before the arrivals is visible. Any thread.
  [[nodiscard]] bool done() const noexcept { return (word_.load(std::memory_order_acquire) & count_mask) == 0; }

  /// The count now. Any thread.
  [[nodiscard]] uint64_t count() const noexcept { return word_.load(std::memory_order_relaxed) & count_mask; }

  /// Raises the count. Whoever calls it holds part of the count already, or knows that nobody waits.
  void add(uint64_t count) noexcept { word_.fetch_add(count, std::memory_order_relaxed); }

  /// Lowers the count by one. Any thread.
  /// @return the waiter's slot plus one if this was the last and someone waits, else 0.
  [[nodiscard]] uint32_t arrive() noexcept {
    const uint64_t before = word_.fetch_sub(1, std::memory_order_acq_rel);
    return (before & count_mask) == 1 ? static_cast<uint32_t>(before >> count_bits) : 0;
  }

  /// Says that the participant in `slot` is about to sleep. One waiter at a time.
  /// @return false, saying nothing, if the count is zero already.
  bool announce(uint32_t slot) noexcept {
    uint64_t seen = word_.load(std::memory_order_acquire);
    while ((seen & count_mask) != 0) {
      OMEGA_CHECK((seen >> count_bits) == 0, "two threads wait for the same tasks at once");
      if (word_.compare_exchange_weak(seen, seen | static_cast<uint64_t>(slot + 1) << count_bits, std::memory_order_acq_rel, std::memory_order_acquire)) {
        return true;
      }
    }
    return false;
  }

  /// Takes announce() back.
  void retract() noexcept { word_.fetch_and(count_mask, std::memory_order_acq_rel); }

 private:
  static constexpr uint32_t count_bits = 48;
  static constexpr uint64_t count_mask = (uint64_t{1} << count_bits) - 1;
  typename Platform::template Atomic<uint64_t> word_;
};

using Latch = BasicLatch<SystemPlatform>;

}  // namespace omega::task
