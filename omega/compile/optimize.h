// SPDX-License-Identifier: Apache-2.0
// The optimisation passes over a whole module.
#pragma once

#include <span>
#include <string>

#include "omega/base/result.h"
#include "omega/compile/phase_times.h"
#include "omega/ir/ir.h"
#include "omega/opt/pass.h"
#include "omega/task/scheduler.h"

namespace omega::compile {

/// Fails where a name is that of no pass; says which, and the nearest there is.
base::Result<void> check_pass_names(std::span<const std::string> disabled_passes);

/// Runs the pipeline over every function on the scheduler's threads, in place. Each function sees the others as they were before, so the result does
/// not depend on the scheduler. With `verify` a pass that breaks a rule of the IR fails a check.
void optimize_module(ir::Module& module, const opt::OptimizeOptions& options, task::Scheduler& scheduler, PhaseTimes& times);

}  // namespace omega::compile
