// SPDX-License-Identifier: Apache-2.0
// Cancellation: a request to stop, from a caller, a deadline or an outer cancellation.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "omega/task/platform.h"

namespace omega::task {

/// How a loop or a group ended.
enum class Outcome : uint8_t {
  done,               ///< everything ran
  cancelled,          ///< what had not begun when cancel() was called did not run
  deadline_exceeded,  ///< what had not begun at the deadline did not run
};

/// Shared by who may stop work and the work. Work looks at it between tasks and between pieces of loops; bodies that run long look
/// themselves. Once stopped it stays so, with the first reason. Must outlive the work that uses it. All members may be called from any
/// thread.
template <class Platform>
class BasicCancellation {
 public:
  /// Stops when cancel() is called, or when `outer`, which must outlive this, has stopped.
  explicit BasicCancellation(const BasicCancellation* outer = nullptr) noexcept : outer_(outer) {}
  /// Stops at the deadline as well.
  explicit BasicCancellation(std::chrono::steady_clock::time_point deadline, const BasicCancellation* outer = nullptr) noexcept
      : outer_(outer), deadline_ns_(std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.time_since_epoch()).count()) {}
  /// Stops after a time from now as well.
  explicit BasicCancellation(std::chrono::nanoseconds timeout, const BasicCancellation* outer = nullptr) noexcept
      : outer_(outer), deadline_ns_(sum(Platform::now_ns(), timeout.count())) {}
  BasicCancellation(const BasicCancellation&) = delete;
  BasicCancellation& operator=(const BasicCancellation&) = delete;

  /// Asks the work to stop.
  void cancel() noexcept { settle(Outcome::cancelled); }

  /// Outcome::done while the work may go on, else why it must stop. Reads the clock if there is a deadline (some 20 ns).
  [[nodiscard]] Outcome state() const noexcept {
    Outcome now = state_.load(std::memory_order_acquire);
    if (now == Outcome::done && deadline_ns_ != INT64_MAX && Platform::now_ns() >= deadline_ns_) {
      now = settle(Outcome::deadline_exceeded);
    }
    if (now == Outcome::done && outer_ != nullptr) {
      now = outer_->state();
      if (now != Outcome::done) {
        now = settle(now);
      }
    }
    return now;
  }

  /// Whether the work must stop.
  [[nodiscard]] bool requested() const noexcept { return state() != Outcome::done; }

  /// CLOCK_MONOTONIC at the earliest deadline of this and the outer ones [ns]; INT64_MAX if there is none.
  [[nodiscard]] int64_t deadline_ns() const noexcept {
    int64_t earliest = INT64_MAX;
    for (const BasicCancellation* each = this; each != nullptr; each = each->outer_) {
      earliest = each->deadline_ns_ < earliest ? each->deadline_ns_ : earliest;
    }
    return earliest;
  }

 private:
  static int64_t sum(int64_t now, int64_t timeout) noexcept { return timeout > INT64_MAX - now ? INT64_MAX : now + timeout; }

  /// The first reason stays.
  Outcome settle(Outcome reason) const noexcept {
    Outcome seen = Outcome::done;
    return state_.compare_exchange_strong(seen, reason, std::memory_order_acq_rel, std::memory_order_acquire) ? reason : seen;
  }

  const BasicCancellation* outer_;
  int64_t deadline_ns_ = INT64_MAX;
  mutable typename Platform::template Atomic<Outcome> state_{Outcome::done};
};

using Cancellation = BasicCancellation<SystemPlatform>;

}  // namespace omega::task
