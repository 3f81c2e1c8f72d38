// SPDX-License-Identifier: Apache-2.0
// From loaded files to a module for each contract, as chain targets and the contract machine take them.
#pragma once

#include <memory>
#include <vector>

#include "omega/compile/load.h"
#include "omega/ir/ir.h"
#include "omega/opt/pass.h"

namespace omega::compile {

/// Checks the contracts of the program's first file, which was loaded as whole trees, on the scheduler's threads: a module for each that can be made, as
/// declared. Nothing when mistakes were reported, now or before. The result does not depend on the scheduler.
std::vector<std::shared_ptr<ir::Module>> check_contracts(LoadedProgram& program, task::Scheduler& scheduler, PhaseTimes& times, diag::Sink& sink);

}  // namespace omega::compile
