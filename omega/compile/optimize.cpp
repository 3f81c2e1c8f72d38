// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/optimize.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "omega/diag/edit_distance.h"
#include "omega/task/parallel_pieces.h"

namespace omega::compile {

base::Result<void> check_pass_names(std::span<const std::string> disabled_passes) {
  std::vector<std::string_view> names;
  std::ranges::transform(opt::passes(), std::back_inserter(names), &opt::Pass::name);
  for (const std::string& disabled : disabled_passes) {
    if (std::ranges::find(names, disabled) == names.end()) {
      return base::Error{"disabled_passes: " + diag::no_such_name("pass", disabled, names), 0, ""};
    }
  }
  return {};
}

void optimize_module(ir::Module& module, const opt::OptimizeOptions& options, task::Scheduler& scheduler, PhaseTimes& times) {
  PhaseTimer timer(times, "optimise");
  std::vector<ir::Function> optimized(module.functions.size());
  std::vector<std::vector<opt::PassTime>> pass_times(scheduler.threads());
  task::parallel_pieces(scheduler, module.functions.size(), 8, [&](size_t begin, size_t end, unsigned worker) {
    for (size_t id = begin; id < end; ++id) {
      if (!module.functions[id].is_extern) {
        optimized[id] = opt::optimize_function(module, static_cast<ir::FunctionId>(id), options, pass_times[worker]);
      }
    }
  });
  for (size_t id = 0; id < optimized.size(); ++id) {
    if (!module.functions[id].is_extern) {
      module.functions[id] = std::move(optimized[id]);
    }
  }
}

}  // namespace omega::compile
