// SPDX-License-Identifier: Apache-2.0
// Runs IR without making machine code: the oracle for every back end.
#pragma once

#include <string>
#include <vector>

#include "omega/diag/render.h"
#include "omega/ir/ir.h"

namespace omega::interp {

/// How a module is run.
struct Options {
  /// The program's arguments, without its name.
  std::vector<std::string> args;
  /// Names places in errors; null: places are unknown. Must outlive the run.
  const diag::SourceReader* sources = nullptr;
  /// Threads of parallel loops; 0: one for each processor.
  int32_t threads = 0;
};

/// Runs the entry of a verified module, which is no contract, with the process's standard streams and returns the exit code: the program's own, 1 after a
/// panic, 3 when the world failed. Loops still marked parallel run in order; ParallelFor runs on the runtime's threads. One run at a time in a process (the
/// runtime is the process's own); a program that calls `exit` ends the process.
int run(const ir::Module& module, const Options& options);

}  // namespace omega::interp
