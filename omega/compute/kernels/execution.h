// SPDX-License-Identifier: Apache-2.0
// What a kernel runs in.
#pragma once

#include "omega/task/cancellation.h"
#include "omega/task/scheduler.h"

namespace omega::compute {

/// Where a kernel runs and who may stop it. Both must outlive the call.
struct Execution {
  /// Null: the scheduler in which the calling thread works.
  task::Scheduler* scheduler = nullptr;
  /// Looked at between pieces of work; a stopped kernel throws Stopped and leaves its outputs in an unknown state.
  const task::Cancellation* cancellation = nullptr;
};

/// A kernel was stopped: cancelled, or beyond its deadline.
struct Stopped {
  task::Outcome reason;
};

}  // namespace omega::compute
