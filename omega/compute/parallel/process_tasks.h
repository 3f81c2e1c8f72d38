// SPDX-License-Identifier: Apache-2.0
// Tasks in processes forked from this one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "omega/compute/arrays/array.h"
#include "omega/compute/parallel/load_balancer.h"
#include "omega/task/cancellation.h"

namespace omega::compute {

/// What run_in_processes() may be told.
struct ProcessOptions {
  const task::Cancellation* cancellation = nullptr;  ///< looked at 50 times a second; when it stops, processes that are busy are killed
  std::optional<size_t> max_memory;                  ///< bytes that a process may have beside what it was forked with
  std::vector<unsigned> processors;                  ///< process i is bound to one of these, in turn; empty: to none
  bool one_library_thread = false;                   ///< OpenMP, OpenBLAS and MKL have one thread there
};

/// What became of one task.
struct ProcessResult {
  uint32_t index = 0;
  unsigned worker = 0;
  double seconds = 0;
  Array result;         ///< in memory shared with the process that made it, whether that lives or not
  std::string failure;  ///< what() of its exception, or how its process died; empty when it is done
};

/// Runs `task(i)` for what the handout gives, in `workers` processes forked for this call. They see all memory of this process as it was, without a copy;
/// results come back in shared memory. `done` is called on the calling thread for each task, in the order in which they end. A process that dies is replaced;
/// the task it was at is begun again once, then it has failed. Throws std::runtime_error when no process can be forked. In a task the engine's threads are
/// those of the process; other threads of this one are not there, and locks that they held are held for ever.
void run_in_processes(TaskHandout& handout, unsigned workers, const std::function<Array(uint32_t)>& task, const std::function<void(ProcessResult)>& done,
                      const ProcessOptions& options = {});

}  // namespace omega::compute
