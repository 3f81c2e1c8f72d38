// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/contracts.h"

#include "omega/check/contract/check_contracts.h"
#include "omega/compile/consequences.h"
#include "omega/task/parallel_pieces.h"

namespace omega::compile {

std::vector<std::shared_ptr<ir::Module>> check_contracts(LoadedProgram& program, task::Scheduler& scheduler, PhaseTimes& times, diag::Sink& sink) {
  PhaseTimer timer(times, "check");
  const BrokenLines unread(sink, program.texts);
  std::vector<check::ModuleInput> inputs;
  inputs.reserve(program.files.size());
  for (const LoadedFile& file : program.files) {
    inputs.push_back({&file.tree, file.path, file.imports});
  }
  diag::Sink found;
  const check::ContractProgram contracts(inputs, program.names, found);
  std::vector<ir::Module> modules(contracts.task_count());
  std::vector<diag::Sink> sinks(contracts.task_count());
  task::parallel_pieces(scheduler, modules.size(), 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t task = begin; task < end; ++task) {
      modules[task] = contracts.check(task, sinks[task]);
    }
  });
  for (diag::Sink& part : sinks) {
    found.merge(std::move(part));
  }
  unread.forget_consequences(found);
  sink.merge(std::move(found));
  std::vector<std::shared_ptr<ir::Module>> made;
  for (size_t task = 0; !sink.has_errors() && task < modules.size(); ++task) {
    if (contracts.gives_module(task)) {
      made.push_back(std::make_shared<ir::Module>(std::move(modules[task])));
    }
  }
  return made;
}

}  // namespace omega::compile
