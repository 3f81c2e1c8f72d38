// SPDX-License-Identifier: Apache-2.0
// The optimisation passes: functions from one IR function to another, each named, timed, switchable and verified.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "omega/ir/ir.h"

namespace omega::opt {

/// A pass over one function. Pure: may read other functions of the module, which must not change meanwhile. Returns true when `function`,
/// which begins as the input, was changed.
using PassFunction = bool (*)(const ir::Module& module, ir::Function& function);

struct Pass {
  std::string_view name;  ///< for --disable-pass
  PassFunction run;
};

/// All passes, by name, in alphabetical order.
std::span<const Pass> passes();
/// The order in which -O runs them; names may occur more than once.
std::span<const std::string_view> pipeline();

struct PassTime {
  std::string_view name;
  uint64_t nanoseconds = 0;
  uint64_t changed = 0;  ///< functions
};

struct OptimizeOptions {
  std::vector<std::string> disabled;  ///< names of passes left out
  bool verify = false;                ///< after every pass; always in builds without NDEBUG
};

/// Runs one pass over a function: times it, and where asked fails a check when the result breaks a rule of the IR.
bool run_pass(std::string_view name, const ir::Module& module, ir::Function& function, const OptimizeOptions& options, std::vector<PassTime>& times);

/// The pipeline over one function. Pure but for `times`; functions of one module may be optimised at the same time when the module is not
/// changed meanwhile.
ir::Function optimize_function(const ir::Module& module, ir::FunctionId id, const OptimizeOptions& options, std::vector<PassTime>& times);

/// The whole module, callees as they were before. Functions that are no longer called stay.
ir::Module optimize(const ir::Module& module, const OptimizeOptions& options, std::vector<PassTime>& times);

// The passes, one file each.
bool slots_to_values(const ir::Module& module, ir::Function& function);
bool constants(const ir::Module& module, ir::Function& function);
bool dead_code(const ir::Module& module, ir::Function& function);
bool dead_loops(const ir::Module& module, ir::Function& function);
bool common_subexpressions(const ir::Module& module, ir::Function& function);
bool inlining(const ir::Module& module, ir::Function& function);
bool loop_invariants(const ir::Module& module, ir::Function& function);
bool range_checks(const ir::Module& module, ir::Function& function);
bool simplify_cfg(const ir::Module& module, ir::Function& function);

}  // namespace omega::opt
