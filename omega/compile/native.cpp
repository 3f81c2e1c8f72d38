// SPDX-License-Identifier: Apache-2.0
// Functions are compiled in runs of a fixed number, each into a buffer of its own: the layout depends on the program alone, not on which
// thread took which run.
#include "omega/compile/native.h"

#include <filesystem>

#include "omega/codegen/native/function_compiler.h"
#include "omega/codegen/native/link.h"

namespace omega::compile {
namespace {

using codegen::native::CodeBuffer;

/// Functions a buffer holds. Large enough that sharing constants inside one pays, small enough to balance threads.
constexpr size_t run_length = 1024;

std::vector<codegen::native::SourceFile> source_files(const LoadedProgram& program) {
  std::vector<codegen::native::SourceFile> files;
  files.reserve(program.texts.size());
  for (uint32_t i = 0; i < program.texts.size(); ++i) {
    const base::FileId id{i};
    files.push_back({program.texts.path(id), program.texts.text(id), program.texts.line_starts(id)});
  }
  return files;
}

}  // namespace

base::Result<std::optional<base::PodVector<uint8_t>>> make_native(const ir::Module& module, const LoadedProgram& program, const NativeOptions& options,
                                                                  task::Pool& pool, PhaseTimes& times, diag::Sink& sink) {
  const std::vector<codegen::native::SourceFile> files = source_files(program);
  const codegen::native::ModuleView view{module.functions, files};
  const size_t runs = (module.functions.size() + run_length - 1) / run_length;
  std::vector<CodeBuffer> buffers(runs);
  {
    PhaseTimer timer(times, "native code");
    std::vector<codegen::native::FunctionCompiler> compilers(pool.threads());
    std::vector<diag::Sink> sinks(pool.threads());
    pool.parallel_for(runs, 1, [&](size_t begin, size_t end, unsigned worker) {
      for (size_t run = begin; run < end; ++run) {
        const size_t last = std::min((run + 1) * run_length, module.functions.size());
        for (size_t id = run * run_length; id < last; ++id) {
          if (!module.functions[id].is_extern) {
            compilers[worker].compile(module.functions[id], static_cast<ir::FunctionId>(id), view, buffers[run], sinks[worker]);
          }
        }
      }
    });
    for (diag::Sink& part : sinks) {
      sink.merge(std::move(part));
    }
  }
  if (sink.has_errors()) {
    return std::optional<base::PodVector<uint8_t>>();
  }
  PhaseTimer timer(times, "link");
  std::vector<const CodeBuffer*> pointers;
  for (const CodeBuffer& buffer : buffers) {
    pointers.push_back(&buffer);
  }
  const std::string folder = std::filesystem::current_path().string();
  codegen::native::LinkOptions link_options;
  link_options.name = options.name;
  link_options.folder = folder;
  link_options.debug_info = options.debug_info;
  link_options.threads = options.threads;
  link_options.run_tasks = [&](size_t count, const std::function<void(size_t)>& task) {
    pool.parallel_for(count, 1, [&](size_t begin, size_t end, unsigned) {
      for (size_t i = begin; i < end; ++i) {
        task(i);
      }
    });
  };
  auto linked = codegen::native::link(pointers, view, module.entry, link_options);
  if (!linked) {
    return linked.error();
  }
  return std::optional<base::PodVector<uint8_t>>(std::move(*linked));
}

}  // namespace omega::compile
