// SPDX-License-Identifier: Apache-2.0
// How a room that knows no threads is lent some.
#pragma once

#include <cstddef>
#include <functional>

namespace omega::base {

/// Runs task(0) to task(count - 1), in any order or at once, and returns when all are done. Empty: one after the other.
using RunTasks = std::function<void(size_t count, const std::function<void(size_t)>& task)>;

/// Runs them by `run`, or here when it is empty.
inline void run_tasks(const RunTasks& run, size_t count, const std::function<void(size_t)>& task) {
  if (run) {
    run(count, task);
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    task(i);
  }
}

}  // namespace omega::base
