// SPDX-License-Identifier: Apache-2.0
// The table of passes, their order, and the one place that runs them.
#include "omega/opt/pass.h"

#include <algorithm>
#include <chrono>

#include "omega/base/check.h"
#include "omega/ir/verify.h"

namespace omega::opt {

namespace {

constexpr Pass table[] = {
    {"common_subexpressions", common_subexpressions},
    {"constants", constants},
    {"dead_code", dead_code},
    {"dead_loops", dead_loops},
    {"inlining", inlining},
    {"loop_invariants", loop_invariants},
    {"range_checks", range_checks},
    {"simplify_cfg", simplify_cfg},
    {"slots_to_values", slots_to_values},
};

constexpr std::string_view order[] = {
    "inlining",
    "slots_to_values",
    "constants",
    "simplify_cfg",
    "common_subexpressions",
    "range_checks",
    "loop_invariants",
    "common_subexpressions",
    "range_checks",
    "constants",
    "dead_code",
    "dead_loops",
    "dead_code",
    "simplify_cfg",
};

}  // namespace

std::span<const Pass> passes() { return table; }
std::span<const std::string_view> pipeline() { return order; }

bool run_pass(std::string_view name, const ir::Module& module, ir::Function& function, const OptimizeOptions& options, std::vector<PassTime>& times) {
  if (std::find(options.disabled.begin(), options.disabled.end(), name) != options.disabled.end()) {
    return false;
  }
  const auto pass = std::find_if(std::begin(table), std::end(table), [&](const Pass& p) { return p.name == name; });
  OMEGA_CHECK(pass != std::end(table), "a pass of that name");
  auto time = std::find_if(times.begin(), times.end(), [&](const PassTime& t) { return t.name == pass->name; });
  if (time == times.end()) {
    times.push_back({pass->name});
    time = times.end() - 1;
  }
  const auto start = std::chrono::steady_clock::now();
  const bool changed = pass->run(module, function);
  time->nanoseconds += static_cast<uint64_t>(std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count());
  time->changed += changed ? 1 : 0;
#ifdef NDEBUG
  const bool verifies = options.verify;
#else
  const bool verifies = true;
#endif
  if (verifies && changed) {
    const std::string wrong = ir::verify(module, function);
    if (!wrong.empty()) {
      const std::string text = "pass " + std::string(name) + " broke " + function.name + ": " + wrong;
      base::check_failed(__FILE__, __LINE__, "verify", text.c_str());
    }
  }
  return changed;
}

ir::Function optimize_function(const ir::Module& module, ir::FunctionId id, const OptimizeOptions& options, std::vector<PassTime>& times) {
  ir::Function function = module.functions[id];
  if (!function.is_extern) {
    for (const std::string_view name : order) {
      run_pass(name, module, function, options, times);
    }
  }
  return function;
}

ir::Module optimize(const ir::Module& module, const OptimizeOptions& options, std::vector<PassTime>& times) {
  ir::Module result;
  result.entry = module.entry;
  result.functions.reserve(module.functions.size());
  for (ir::FunctionId id = 0; id < module.functions.size(); ++id) {
    result.functions.push_back(optimize_function(module, id, options, times));
  }
  return result;
}

}  // namespace omega::opt
