// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/loops.h"

#include "omega/task/parallel_pieces.h"

#include <algorithm>

namespace omega::compile {
namespace {

/// Brings back the forgotten ones of these functions and of all that they call, directly or not.
void restore_called(CheckedProgram& program, std::vector<ir::FunctionId> called, task::Scheduler& scheduler) {
  std::vector<bool> seen(program.module.functions.size());
  while (!called.empty()) {
    std::sort(called.begin(), called.end());
    called.erase(std::unique(called.begin(), called.end()), called.end());
    std::erase_if(called, [&](ir::FunctionId id) { return seen[id]; });
    std::vector<ir::FunctionId> missing;
    std::copy_if(called.begin(), called.end(), std::back_inserter(missing), [&](ir::FunctionId id) { return program.is_forgotten(id); });
    program.restore(missing, scheduler);
    std::vector<ir::FunctionId> next;
    for (const ir::FunctionId id : called) {
      seen[id] = true;
      opt::append_callees(program.module.functions[id], next);
    }
    called = std::move(next);
  }
}

}  // namespace

std::vector<opt::LoopReport> parallelize_loops(CheckedProgram& program, const opt::ParallelizeOptions& options, task::Scheduler& scheduler, PhaseTimes& times,
                                               diag::Sink& sink) {
  PhaseTimer timer(times, "loops");
  ir::Module& module = program.module;
  std::vector<ir::FunctionId> with_loops;
  for (ir::FunctionId id = 0; id < module.functions.size(); ++id) {
    if (opt::has_open_loops(module.functions[id], options)) {
      with_loops.push_back(id);
    }
  }
  std::vector<opt::LoopReport> reports;
  if (with_loops.empty()) {
    return reports;
  }
  if (!program.forgotten.empty()) {
    restore_called(program, opt::summarized_first(module, options.explain), scheduler);
  }
  const opt::Summaries summaries(module, options.explain, task::lend(scheduler, 16));
  std::vector<opt::FunctionResult> results(with_loops.size());
  task::parallel_pieces(scheduler, with_loops.size(), 16, [&](size_t begin, size_t end, unsigned) {
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
