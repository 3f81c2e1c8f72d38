// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/c_target.h"

#include "omega/task/parallel_pieces.h"

namespace omega::compile {

std::vector<codegen::c::File> make_c(const ir::Module& module, const LoadedProgram& program, const std::string& name, task::Scheduler& scheduler,
                                     PhaseTimes& times) {
  PhaseTimer timer(times, "c text");
  codegen::c::Options options;
  options.program_name = name;
  options.sources = &program.texts;
  options.names = &program.names;
  const codegen::c::Program c_program(module, options);
  std::vector<codegen::c::File> functions(module.functions.size());
  task::parallel_pieces(scheduler, module.functions.size(), 16, [&](size_t begin, size_t end, unsigned) {
    for (size_t id = begin; id < end; ++id) {
      if (!module.functions[id].is_extern) {
        functions[id] = c_program.function(static_cast<ir::FunctionId>(id));
      }
    }
  });
  std::vector<codegen::c::File> files;
  for (codegen::c::File& file : functions) {
    if (!file.name.empty()) {
      files.push_back(std::move(file));
    }
  }
  files.push_back(c_program.header());
  files.push_back(c_program.main_file());
  for (codegen::c::File& file : codegen::c::runtime_files()) {
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace omega::compile
