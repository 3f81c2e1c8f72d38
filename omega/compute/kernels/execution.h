// SPDX-License-Identifier: Apache-2.0
// What a kernel runs in.
#pragma once

#include <xmmintrin.h>

#include "omega/task/cancellation.h"
#include "omega/task/parallel_for.h"
#include "omega/task/scheduler.h"

namespace omega::compute {

/// Where a kernel runs and who may stop it. Both must outlive the call.
struct Execution {
  /// Null: the scheduler in which the calling thread works.
  task::Scheduler* scheduler = nullptr;
  /// Looked at between pieces of work; a stopped kernel throws Stopped and leaves its outputs in an unknown state.
  const task::Cancellation* cancellation = nullptr;

  /// The scheduler itself.
  [[nodiscard]] task::Scheduler& where() const { return scheduler != nullptr ? *scheduler : task::Scheduler::current(); }
};

/// A kernel was stopped: cancelled, or beyond its deadline.
struct Stopped {
  task::Outcome reason;
};

/// Throws Stopped where the work is to stop.
inline void stop_if_requested(const Execution& execution) {
  if (execution.cancellation != nullptr && execution.cancellation->requested()) {
    throw Stopped{execution.cancellation->state()};
  }
}

/// Subnormal results and operands of this thread are 0 as long as this lives: they would cost a hundred times as much.
class FlushSubnormals {
 public:
  FlushSubnormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlushToZero | kSubnormalsAreZero); }
  ~FlushSubnormals() { _mm_setcsr(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  static constexpr unsigned kFlushToZero = 0x8000;
  static constexpr unsigned kSubnormalsAreZero = 0x0040;
  unsigned before_;
};

/// Calls `body(begin, end)` for pieces of [0, count), in parallel where that pays. Throws Stopped.
template <class Body>
void run_pieces(const Execution& execution, int64_t count, Body&& body) {
  if (count <= 0) {
    return;
  }
  // A loop of one piece does not look itself, and a long run may be many of them.
  stop_if_requested(execution);
  const task::Outcome outcome = task::parallel_for(execution.where(), 0, static_cast<size_t>(count),
                                                   [&](size_t begin, size_t end) { body(static_cast<int64_t>(begin), static_cast<int64_t>(end)); },
                                                   {.cancellation = execution.cancellation});
  if (outcome != task::Outcome::done) {
    throw Stopped{outcome};
  }
}

}  // namespace omega::compute
