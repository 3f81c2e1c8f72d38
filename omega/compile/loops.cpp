// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/loops.h"

namespace omega::compile {

std::vector<opt::LoopReport> parallelize_loops(ir::Module& module, const opt::ParallelizeOptions& options, task::Pool& pool, PhaseTimes& times,
                                               diag::Sink& sink) {
  PhaseTimer timer(times, "loops");
  std::vector<ir::FunctionId> with_loops;
  for (ir::FunctionId id = 0; id < module.functions.size(); ++id) {
    if (module.functions[id].loops.size() != 0) {
      with_loops.push_back(id);
    }
  }
  std::vector<opt::LoopReport> reports;
  if (with_loops.empty()) {
    return reports;
  }
  const opt::Summaries summaries(module, options.explain);
  std::vector<opt::FunctionResult> results(with_loops.size());
  pool.parallel_for(with_loops.size(), 16, [&](size_t begin, size_t end, unsigned) {
    for (size_t i = begin; i < end; ++i) {
      results[i] = opt::parallelize_function(module, with_loops[i], summaries, options);
    }
  });
  for (size_t i = 0; i < results.size(); ++i) {
    sink.merge(std::move(results[i].sink));
    reports.insert(reports.end(), std::make_move_iterator(results[i].reports.begin()), std::make_move_iterator(results[i].reports.end()));
    opt::add_result(module, with_loops[i], std::move(results[i]));
  }
  return reports;
}

}  // namespace omega::compile
