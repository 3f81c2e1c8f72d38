// SPDX-License-Identifier: Apache-2.0
#include "python/native/program_compiler.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "omega/base/check.h"
#include "omega/compile/c_target.h"
#include "omega/compile/front_end.h"
#include "omega/compile/load.h"
#include "omega/compile/loops.h"
#include "omega/compile/native.h"
#include "omega/compile/optimize.h"
#include "omega/diag/render.h"
#include "omega/sys/environment.h"
#include "omega/sys/file_set.h"
#include "omega/task/parallel_pieces.h"

namespace omega::python {

namespace {

/// Columns that are shown of a source line.
constexpr unsigned kWidest = 400;
/// Bytes behind a text that whoever reads it may look at.
constexpr size_t kSpare = 64;

/// One program on its way through the phases.
class Compilation {
 public:
  explicit Compilation(const ProgramOptions& options) : options_(options) {
    if (options.text) {
      text_ = std::make_unique<FilesWithText>(options.path, *options.text);
    }
    loops_.auto_parallel = options.auto_parallel && !options.targets.empty();
    loops_.explain = options.explain;
    loops_.processors = options.threads != 0 ? options.threads : sys::cpu_count();
    loops_.names = &program_.names;
  }

  base::Result<CompiledProgram> compile() {
    if (auto checked = check(); !checked) {
      return checked.error();
    }
    if (!sink_.has_errors() && checked_.module.entry == ir::kNone) {
      sink_.report(diag::Kind::NoProgram, {program_.files[0].id, 0, 0}, {options_.path}).with_help("write statements at top level, or `function main() { … }`");
    }
    analyze_loops();
    if (!sink_.has_errors()) {
      if (options_.release) {
        compile::optimize_module(checked_.module, {options_.disabled_passes, false}, scheduler_, times_);
      }
      for (const std::string& target : options_.targets) {
        if (auto made = target == "c" ? make_c() : make_native(); !made) {
          return made.error();
        }
      }
    }
    return finish();
  }

  base::Result<CompiledProgram> only_check() {
    if (options_.path.ends_with(".sol")) {
      if (auto loaded = load(compile::LoadUntil::Trees); !loaded) {
        return loaded.error();
      }
      if (compile::has_contracts(program_)) {
        compile::check_contracts(program_, scheduler_, times_, sink_);
        return finish();
      }
      program_.clear();
      sink_.clear();
    }
    if (auto checked = check(); !checked) {
      return checked.error();
    }
    analyze_loops();
    return finish();
  }

 private:
  base::Result<void> load(compile::LoadUntil until) {
    sys::FileSystem& files = text_ ? *text_ : sys::real_files();
    return compile::load(program_, options_.path, until, files, scheduler_, times_, sink_);
  }

  base::Result<void> check() {
    for (const auto until : {compile::LoadUntil::Outlines, compile::LoadUntil::Trees}) {
      if (auto loaded = load(until); !loaded) {
        return loaded;
      }
      if (auto checked = compile::check_program(program_, {}, scheduler_, times_, sink_)) {
        checked_ = std::move(*checked);
        return {};
      }
      // A mistake in a body: where that ends is known only when everything is read in order.
      OMEGA_CHECK(until == compile::LoadUntil::Outlines, "whole trees have no deferred bodies");
      program_.clear();
      sink_.clear();
    }
    return {};
  }

  void analyze_loops() {
    if (!sink_.has_errors()) {
      const std::vector<opt::LoopReport> reports = compile::parallelize_loops(checked_, loops_, scheduler_, times_, sink_);
      result_.explanation = opt::explain_json(reports, program_.texts);
    }
  }

  base::Result<void> make_native() {
    compile::NativeCode code(program_, loops_, scheduler_);
    TargetFiles& made = result_.targets.emplace_back(TargetFiles{"native", {}, false, 0});
    code.finish(checked_.module, times_, sink_);
    if (sink_.has_errors()) {
      return {};
    }
    auto image = code.link(checked_.module, {options_.name, static_cast<int32_t>(options_.threads), true}, times_);
    if (!image) {
      return image.error();
    }
    compile::ContractFile& file = made.files.emplace_back(compile::ContractFile{options_.name, {}});
    file.text.reserve(image->size());
    for (const auto& piece : image->list()) {
      file.text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
    made.code_bytes = file.text.size();
    made.is_whole = true;
    return {};
  }

  base::Result<void> make_c() {
    TargetFiles& made = result_.targets.emplace_back(TargetFiles{"c", {}, true, 0});
    for (codegen::c::File& file : compile::make_c(checked_.module, program_, options_.name, scheduler_, times_)) {
      made.code_bytes += file.text.size();
      made.files.push_back({std::move(file.name), std::move(file.text)});
    }
    return {};
  }

  CompiledProgram finish() {
    result_.reports.add(sink_, program_.texts);
    return std::move(result_);
  }

  const ProgramOptions& options_;
  std::unique_ptr<FilesWithText> text_;
  task::Scheduler& scheduler_ = task::Scheduler::current();
  opt::ParallelizeOptions loops_;
  compile::PhaseTimes times_;
  diag::Sink sink_;
  compile::LoadedProgram program_;
  compile::CheckedProgram checked_;
  CompiledProgram result_;
};

}  // namespace

sys::Result<std::string> FilesWithText::read_file(const std::string& path, uint64_t largest, const sys::RunTasks& run) {
  if (path != path_) {
    return sys::real_files().read_file(path, largest, run);
  }
  if (text_.size() > largest) {
    return base::Error{"cannot read text", EFBIG, path};
  }
  std::string copy;
  copy.reserve(text_.size() + kSpare);
  copy = text_;
  return copy;
}

sys::Result<void> FilesWithText::write_pieces(const std::string& path, std::span<const std::span<const uint8_t>> pieces, sys::FileMode mode) {
  return sys::real_files().write_pieces(path, pieces, mode);
}

void Reports::add(diag::Sink& sink, const source::SourceSet& texts) {
  errors += sink.error_count();
  json += diag::render_json(sink, texts);
  text += diag::render_terminal(sink, texts, {false, kWidest});
}

base::Result<CompiledProgram> compile_program(const ProgramOptions& options) {
  if (auto known = compile::check_pass_names(options.disabled_passes); !known) {
    return known.error();
  }
  return Compilation(options).compile();
}

base::Result<CompiledProgram> check_source(const ProgramOptions& options) { return Compilation(options).only_check(); }

CompiledProgram take_contracts(compile::CompilationResult& result) {
  CompiledProgram taken;
  taken.reports.add(result.sink, result.program->texts);
  for (compile::MadeTarget& target : result.targets) {
    TargetFiles& files = taken.targets.emplace_back(TargetFiles{target.target, {}, target.is_whole, 0});
    for (compile::MadeContract& contract : target.contracts) {
      files.code_bytes += contract.code_bytes;
      std::ranges::move(contract.files, std::back_inserter(files.files));
    }
    taken.reports.add(target.sink, result.program->texts);
  }
  return taken;
}

base::Result<void> write_files(const std::string& folder, const TargetFiles& target) {
  if (auto folders = sys::real_files().make_folders(folder); !folders) {
    return folders;
  }
  if (target.target == "native") {
    const std::string& image = target.files.front().text;
    const std::span<const uint8_t> piece{reinterpret_cast<const uint8_t*>(image.data()), image.size()};
    return sys::replace_file(folder, target.files.front().name, {&piece, 1}, sys::FileMode::executable);
  }
  std::vector<sys::NamedText> files;
  files.reserve(target.files.size());
  for (const compile::ContractFile& file : target.files) {
    files.push_back({file.name, file.text});
  }
  return target.target == "c" ? sys::replace_file_set(folder, files, "main.c", task::lend(task::Scheduler::current(), 8)) : sys::replace_files(folder, files);
}

}  // namespace omega::python
