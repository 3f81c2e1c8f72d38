// SPDX-License-Identifier: Apache-2.0
// Functions are compiled in runs of a fixed number, each into a buffer of its own: the layout depends on the program alone, not on which
// thread took which run.
#include "omega/compile/native.h"

#include <filesystem>

#include "omega/codegen/native/function_compiler.h"
#include "omega/codegen/native/link.h"
#include "omega/codegen/native/listing.h"

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

/// Code of all functions, in order of their ids.
std::vector<CodeBuffer> compile_functions(const codegen::native::ModuleView& view, task::Pool& pool, PhaseTimes& times, diag::Sink& sink) {
  const std::span<const ir::Function> functions = view.functions;
  const size_t runs = (functions.size() + run_length - 1) / run_length;
  std::vector<CodeBuffer> buffers(runs);
  PhaseTimer timer(times, "native code");
  std::vector<codegen::native::FunctionCompiler> compilers(pool.threads());
  std::vector<diag::Sink> sinks(pool.threads());
  pool.parallel_for(runs, 1, [&](size_t begin, size_t end, unsigned worker) {
    for (size_t run = begin; run < end; ++run) {
      const size_t last = std::min((run + 1) * run_length, functions.size());
      for (size_t id = run * run_length; id < last; ++id) {
        if (!functions[id].is_extern) {
          compilers[worker].compile(functions[id], static_cast<ir::FunctionId>(id), view, buffers[run], sinks[worker]);
        }
      }
    }
  });
  for (diag::Sink& part : sinks) {
    sink.merge(std::move(part));
  }
  return buffers;
}

std::vector<const CodeBuffer*> pointers_to(const std::vector<CodeBuffer>& buffers) {
  std::vector<const CodeBuffer*> pointers;
  pointers.reserve(buffers.size());
  for (const CodeBuffer& buffer : buffers) {
    pointers.push_back(&buffer);
  }
  return pointers;
}

}  // namespace

std::string native_listing(const ir::Module& module, const LoadedProgram& program, task::Pool& pool, PhaseTimes& times, diag::Sink& sink) {
  const std::vector<codegen::native::SourceFile> files = source_files(program);
  const codegen::native::ModuleView view{module.functions, files};
  const std::vector<CodeBuffer> buffers = compile_functions(view, pool, times, sink);
  return sink.has_errors() ? std::string() : codegen::native::listing(pointers_to(buffers), view);
}

base::Result<std::optional<base::PodVector<uint8_t>>> make_native(const ir::Module& module, const LoadedProgram& program, const NativeOptions& options,
                                                                  task::Pool& pool, PhaseTimes& times, diag::Sink& sink) {
  const std::vector<codegen::native::SourceFile> files = source_files(program);
  const codegen::native::ModuleView view{module.functions, files};
  const std::vector<CodeBuffer> buffers = compile_functions(view, pool, times, sink);
  if (sink.has_errors()) {
    return std::optional<base::PodVector<uint8_t>>();
  }
  PhaseTimer timer(times, "link");
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
  auto linked = codegen::native::link(pointers_to(buffers), view, module.entry, link_options);
  if (!linked) {
    return linked.error();
  }
  return std::optional<base::PodVector<uint8_t>>(std::move(*linked));
}

}  // namespace omega::compile
