// SPDX-License-Identifier: Apache-2.0
// The pass that checks parallel loops for races, turns them into ParallelFor, and finds plain loops that can run so too.
#pragma once

#include <optional>

#include "omega/base/interner.h"
#include "omega/diag/diagnostic.h"
#include "omega/opt/effects.h"
#include "omega/opt/explain.h"

namespace omega::opt {

struct ParallelizeOptions {
  bool auto_parallel = true;
  bool explain = false;     ///< make reports
  uint32_t processors = 1;  ///< for the reports' texts only
  const base::NameInterner* names = nullptr;
};

/// What became of one function.
struct FunctionResult {
  std::optional<ir::Function> replacement;
  std::vector<ir::Function> made;  ///< loop bodies and combiners, named by made ids (outline.h) until add_result places them
  std::vector<LoopReport> reports;
  diag::Sink sink;
};

/// Whether parallelize_function() may do something with the function, or report on a loop of it.
bool has_open_loops(const ir::Function& function, const ParallelizeOptions& options);

/// Whether the function's code is as it will be, and nothing in it bears on the loops of functions that do not call it.
bool is_settled(const ir::Function& function, const ParallelizeOptions& options);

/// Checks and transforms the loops of one function. Pure; any number may run at once over one module and its summaries.
FunctionResult parallelize_function(const ir::Module& module, ir::FunctionId id, const Summaries& summaries, const ParallelizeOptions& options);

/// Puts a function's result into the module, whose other functions keep their ids.
void add_result(ir::Module& module, ir::FunctionId id, FunctionResult&& result);

struct ParallelizeResult {
  ir::Module module;
  std::vector<LoopReport> reports;  ///< in order of functions, then places
};

/// The whole module, one function after the other. Races are reported to `sink`; loops that have one stay as they are.
ParallelizeResult parallelize(ir::Module module, const ParallelizeOptions& options, diag::Sink& sink);

}  // namespace omega::opt
