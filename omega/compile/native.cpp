// SPDX-License-Identifier: Apache-2.0
// Buffers stand in the order of runs: first those of functions compiled as they were checked, then those of the rest in order of their numbers.
#include "omega/compile/native.h"

#include <filesystem>

#include "omega/codegen/native/link.h"
#include "omega/codegen/native/listing.h"
#include "omega/task/parallel_pieces.h"

namespace omega::compile {

using codegen::native::CodeBuffer;

void NativeCode::prepare() {
  files_.reserve(program_.texts.size());
  for (uint32_t i = 0; i < program_.texts.size(); ++i) {
    const base::FileId id{i};
    files_.push_back({program_.texts.path(id), program_.texts.text(id), program_.texts.line_starts(id), program_.texts.is_ascii(id)});
  }
  workers_.resize(scheduler_.threads());
}

void NativeCode::begin(size_t runs, std::span<const std::span<const ir::Type>> results) {
  prepare();
  view_ = {{}, files_, results};
  buffers_.resize(runs);
  has_code_.resize(results.size(), 0);
}

bool NativeCode::take(size_t, unsigned worker, ir::FunctionId id, const ir::Function& function) {
  if (!opt::is_settled(function, loops_)) {
    return false;
  }
  compile(worker, id, function);
  return true;
}

void NativeCode::end_run(size_t run, unsigned worker) { buffers_[run] = workers_[worker].buffer.moved_to(workers_[worker].finished); }

void NativeCode::compile(unsigned worker, ir::FunctionId id, const ir::Function& function) {
  Worker& own = workers_[worker];
  codegen::native::compile_function(function, id, view_, own.scratch, own.buffer, own.sink);
  has_code_[id] = 1;
}

void NativeCode::finish(const ir::Module& module, PhaseTimes& times, diag::Sink& sink) {
  PhaseTimer timer(times, "code");
  if (files_.empty()) {
    prepare();
  }
  view_.functions = module.functions;
  view_.files = files_;
  has_code_.resize(module.functions.size(), 0);
  std::vector<ir::FunctionId> rest;
  for (ir::FunctionId id = 0; id < module.functions.size(); ++id) {
    if (has_code_[id] == 0 && !module.functions[id].is_extern) {
      rest.push_back(id);
    }
  }
  const size_t first = buffers_.size();
  buffers_.resize(first + (rest.size() + functions_per_run - 1) / functions_per_run);
  task::parallel_pieces(scheduler_, rest.size(), functions_per_run, [&](size_t begin, size_t end, unsigned worker) {
    for (size_t i = begin; i < end; ++i) {
      compile(worker, rest[i], module.functions[rest[i]]);
    }
    end_run(first + begin / functions_per_run, worker);
  });
  for (Worker& worker : workers_) {
    sink.merge(std::move(worker.sink));
  }
}

std::vector<CodeBuffer*> NativeCode::buffers() {
  std::vector<CodeBuffer*> pointers;
  pointers.reserve(buffers_.size());
  for (CodeBuffer& buffer : buffers_) {
    if (!buffer.functions.empty()) {
      pointers.push_back(&buffer);
    }
  }
  return pointers;
}

std::string NativeCode::listing() {
  const std::vector<CodeBuffer*> all = buffers();
  return codegen::native::listing(std::vector<const CodeBuffer*>(all.begin(), all.end()), view_);
}

base::Result<object::Pieces> NativeCode::link(const ir::Module& module, const NativeOptions& options, PhaseTimes& times) {
  PhaseTimer timer(times, "link");
  const std::string folder = std::filesystem::current_path().string();
  codegen::native::LinkOptions link_options;
  link_options.name = options.name;
  link_options.folder = folder;
  link_options.debug_info = options.debug_info;
  link_options.threads = options.threads;
  link_options.run_tasks = task::lend(scheduler_, 1);
  return codegen::native::link(buffers(), view_, module.entry, link_options);
}

}  // namespace omega::compile
