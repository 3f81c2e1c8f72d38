// SPDX-License-Identifier: Apache-2.0
// The loops of a program: race check, outlining of parallel ones, found parallelism.
#pragma once

#include "omega/compile/front_end.h"
#include "omega/opt/parallelize.h"

namespace omega::compile {

/// Replaces the module's parallel loops by ParallelFor, in place, every function on the scheduler's threads, and brings back forgotten functions that
/// loops call. Races go to `sink`. The result does not depend on the scheduler. Gives the reports when asked for, in order of functions, then places.
std::vector<opt::LoopReport> parallelize_loops(CheckedProgram& program, const opt::ParallelizeOptions& options, task::Scheduler& scheduler, PhaseTimes& times,
                                               diag::Sink& sink);

}  // namespace omega::compile
