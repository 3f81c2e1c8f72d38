// SPDX-License-Identifier: Apache-2.0
#include "test/contracts/contract_source.h"

#include "omega/compile/contracts.h"
#include "omega/compile/optimize.h"
#include "omega/diag/render.h"
#include "omega/ir/contract.h"
#include "omega/ir/verify.h"
#include "omega/sys/files.h"

namespace omega::contract_tests {

LoadedContract load_contract(const std::string& name, const std::string& path, bool optimize, task::Scheduler& scheduler) {
  compile::LoadedProgram program;
  compile::PhaseTimes times;
  diag::Sink sink;
  if (auto loaded = compile::load(program, path, compile::LoadUntil::Trees, sys::real_files(), scheduler, times, sink); !loaded) {
    return {nullptr, base::describe(loaded.error())};
  }
  const auto modules = compile::check_contracts(program, scheduler, times, sink);
  if (sink.has_errors()) {
    return {nullptr, diag::render_terminal(sink, program.texts, {})};
  }
  for (const std::shared_ptr<ir::Module>& module : modules) {
    if (module->contract->name != name) {
      continue;
    }
    if (const std::string mistakes = ir::verify(*module); !mistakes.empty()) {
      return {nullptr, "the IR breaks its rules:\n" + mistakes};
    }
    if (optimize) {
      compile::optimize_module(*module, {{}, true}, scheduler, times);
    }
    return {module, {}};
  }
  return {nullptr, "no contract of that name can be made: " + name};
}

}  // namespace omega::contract_tests
