// SPDX-License-Identifier: Apache-2.0
// From loaded files to the program's IR: declarations, checking, parallel loops.
#pragma once

#include <memory>

#include "omega/check/check.h"
#include "omega/compile/load.h"
#include "omega/ir/ir.h"

namespace omega::compile {

/// A program whose names and types are known. Refers to the LoadedProgram it was checked from.
struct CheckedProgram {
  std::unique_ptr<check::TypeStore> types;
  std::unique_ptr<check::Declarations> declarations;
  ir::Module module;  ///< meaningless when errors were reported
};

/// Checks all files: names and signatures first, then every function on the pool's threads. The result does not depend on the pool.
CheckedProgram check_program(LoadedProgram& program, task::Pool& pool, PhaseTimes& times, diag::Sink& sink);

}  // namespace omega::compile
