// SPDX-License-Identifier: Apache-2.0
// Who runs operations: threads that sleep until a run has some, and the thread that waits for results. Used with the GIL.
#pragma once

#include "python/native/traced_run.h"

namespace omega::python {

/// All that the operation waits for is there: it is run by who comes first. `is_taken`: the calling thread runs it next.
void make_ready(Operation* operation, bool is_taken = false);
/// Leaves the GIL to who runs the operation for a moment: of one whose cost is not known yet, so that it is when the next is called. It may be over then.
void let_begin(Operation* operation);
/// Notes how an operation ended, and what it made ready; light ones run at once. One reference is taken over. `goes_on`: the thread runs ready operations
/// next.
void complete(Operation* operation, bool goes_on = false);
/// Runs the first ready operation of the run, if there is one. `goes_on`: and then others.
bool run_one(Run* run, bool goes_on);

/// Waits for one operation. -1 with its exception set, where it failed or something before it did.
int wait_for(Operation* operation);
/// Waits for all operations. -1 with the exception of the first that failed set.
int wait_for_all(Run* run);

/// Makes the threads possible; in the child of a fork again, which has none of its parent's.
void start_operation_threads();
/// Waits until no operation runs: before the interpreter ends.
void finish_operation_threads();

}  // namespace omega::python
