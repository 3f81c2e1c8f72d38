// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/optimize.h"

#include "omega/task/parallel_pieces.h"

namespace omega::compile {

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
