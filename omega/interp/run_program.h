// SPDX-License-Identifier: Apache-2.0
// For tests: runs a module given as text in a process of its own and catches what it prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "omega/interp/interpreter.h"

namespace omega::interp {

/// What a run left behind.
struct Outcome {
  int exit_code = -1;  ///< -1 when the process died
  std::string output;
  std::string errors;
};

/// Runs `module` in a child process with these options; standard input is empty.
Outcome run_in_child(const ir::Module& module, const Options& options);

}  // namespace omega::interp
