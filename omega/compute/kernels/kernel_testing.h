// SPDX-License-Identifier: Apache-2.0
// Every instruction set and thread count in turn, for the tests of kernels.
#pragma once

#include "omega/compute/arrays/array_testing.h"
#include "omega/compute/kernels/instruction_set.h"
#include "omega/task/scheduler.h"

namespace omega::compute::testing {

/// Runs `check()` with the loops of each instruction set that the processor has, then chooses the best again.
template <class Check>
void with_every_instruction_set(Check&& check) {
  for (int set = 0; set <= static_cast<int>(best_instruction_set()); ++set) {
    use_instruction_set(static_cast<InstructionSet>(set));
    SCOPED_TRACE(name_of(instruction_set()));
    check();
  }
  use_instruction_set(best_instruction_set());
}

/// Runs `check(scheduler)` on 1, 2 and 5 threads.
template <class Check>
void with_thread_counts(Check&& check) {
  for (const unsigned threads : {1U, 2U, 5U}) {
    SCOPED_TRACE(threads);
    task::Scheduler scheduler(threads);
    check(scheduler);
  }
}

}  // namespace omega::compute::testing
