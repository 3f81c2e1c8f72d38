// SPDX-License-Identifier: Apache-2.0
// Inlining, straight lines and folding over the routines of a program.
#pragma once

#include "omega/codegen/evm/code.h"

namespace omega::codegen::evm {

/// Routines that the entry reaches, callees after their callers as they are first met. Sets Routine::is_recursive on the way.
std::vector<RoutineId> reachable_routines(Program& program);

/// Puts small routines, and those called once, in place of their calls; joins blocks; folds what that makes constant. Routines that are not called any more
/// stay in the table.
void optimize(Program& program);

}  // namespace omega::codegen::evm
