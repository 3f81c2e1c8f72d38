// SPDX-License-Identifier: Apache-2.0
// From IR to the files of the C target.
#pragma once

#include <string>
#include <vector>

#include "omega/codegen/c/emit_c.h"
#include "omega/compile/load.h"
#include "omega/ir/ir.h"

namespace omega::compile {

/// One `.c` file for each function, made on the scheduler's threads, then the header, main.c and the runtime's sources.
std::vector<codegen::c::File> make_c(const ir::Module& module, const LoadedProgram& program, const std::string& name, task::Scheduler& scheduler,
                                     PhaseTimes& times);

}  // namespace omega::compile
