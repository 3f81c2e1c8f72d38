// SPDX-License-Identifier: Apache-2.0
// The phases of a compilation in order, each shown when something is wrong.
#include "omega/driver/session.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "omega/base/check.h"
#include "omega/compile/contracts.h"
#include "omega/compile/loops.h"
#include "omega/compile/optimize.h"
#include "omega/diag/edit_distance.h"
#include "omega/diag/render.h"
#include "omega/driver/exit_code.h"
#include "omega/sys/environment.h"

namespace omega::driver {
namespace {

/// Columns that are shown of a source line where there is no terminal: a line may have megabytes, and every mistake in it would show it.
constexpr unsigned kWidestInFiles = 400;

}  // namespace

Session::Session(const Options& session_options)
    : options(session_options), scheduler({.threads = session_options.jobs, .affinity = task::Affinity::apart, .processors = {}, .name = "omega-compile"}) {
  loop_options.auto_parallel = !options.no_auto_parallel;
  loop_options.explain = options.explain;
  loop_options.processors = options.threads != 0 ? options.threads : sys::cpu_count();
  loop_options.names = &program.names;
}

int Session::open() {
  if (!project.main.empty()) {
    return kDone;
  }
  source::SourceSet texts;
  diag::Sink reported;
  auto found = find_project(options.path, sys::real_files(), texts, reported);
  if (!found) {
    return show_failure(found.error());
  }
  if (!show(reported, texts) || !*found) {
    return kRejected;
  }
  project = std::move(**found);
  return kDone;
}

int Session::load(compile::LoadUntil until) {
  if (const int opened = open(); opened != kDone) {
    return opened;
  }
  if (auto loaded = compile::load(program, project.main, until, sys::real_files(), scheduler, times, sink); !loaded) {
    return show_failure(loaded.error());
  }
  return kDone;
}

int Session::check(bool into_code) {
  // What has been read as whole trees for contracts is not read again.
  if (const int loaded = has_trees() ? static_cast<int>(kDone) : load(compile::LoadUntil::Outlines); loaded != kDone) {
    return loaded;
  }
  const auto check_loaded = [&] {
    compile::CheckOptions check_options;
    if (into_code) {
      code.emplace(program, loop_options, scheduler);
      check_options.consumer = &*code;
    }
    return compile::check_program(program, check_options, scheduler, times, sink);
  };
  std::optional<compile::CheckedProgram> made = check_loaded();
  if (!made) {
    // A mistake in some function's body: its end may not be where its braces match, so everything is read in order.
    code.reset();
    program.clear();
    sink.clear();
    if (auto loaded = compile::load(program, project.main, compile::LoadUntil::Trees, sys::real_files(), scheduler, times, sink); !loaded) {
      return show_failure(loaded.error());
    }
    made = check_loaded();
    OMEGA_CHECK(made.has_value(), "whole trees have no deferred bodies");
  }
  checked = std::move(*made);
  return show_diagnostics() ? kDone : kRejected;
}

bool Session::has_trees() const { return !program.files.empty() && !program.is_outline; }

int Session::load_trees() { return has_trees() ? static_cast<int>(kDone) : load(compile::LoadUntil::Trees); }

int Session::look_for_contracts(bool& found) {
  found = false;
  if (const int opened = open(); opened != kDone || !project.main.ends_with(".sol")) {
    return opened;
  }
  if (const int loaded = load_trees(); loaded != kDone) {
    return loaded;
  }
  found = compile::has_contracts(program);
  if (!found) {
    program.clear();
    sink.clear();
  }
  return kDone;
}

int Session::check_contracts() {
  if (const int loaded = load_trees(); loaded != kDone) {
    return loaded;
  }
  contracts = compile::check_contracts(program, scheduler, times, sink);
  return show_diagnostics() ? kDone : kRejected;
}

int Session::prepare_contracts() {
  if (const int checked_them = check_contracts(); checked_them != kDone) {
    return checked_them;
  }
  if (contracts.empty()) {
    sink.report(diag::Kind::NoContract, {program.files[0].id, 0, 0}, {project.main});
    show_diagnostics();
    return kRejected;
  }
  compile::optimize_contracts(contracts, options.disabled_passes, scheduler, times);
  return kDone;
}

int Session::check_races() {
  opt::ParallelizeOptions only_written = loop_options;
  only_written.auto_parallel = false;
  only_written.explain = false;
  compile::parallelize_loops(checked, only_written, scheduler, times, sink);
  return show_diagnostics() ? kDone : kRejected;
}

int Session::analyze_loops() {
  if (checked.module.entry == ir::kNone) {
    sink.report(diag::Kind::NoProgram, {program.files[0].id, 0, 0}, {project.main}).with_help("write statements at top level, or `function main() { … }`");
    show_diagnostics();
    return kRejected;
  }
  const std::vector<opt::LoopReport> reports = compile::parallelize_loops(checked, loop_options, scheduler, times, sink);
  if (options.explain) {
    const std::string text =
        options.message_format == MessageFormat::Json ? opt::explain_json(reports, program.texts) : opt::explain_text(reports, program.texts);
    if (before_showing) {
      before_showing();
    }
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  return show_diagnostics() ? kDone : kRejected;
}

int Session::prepare() {
  int result = check(false);
  if (result == kDone) {
    result = analyze_loops();
  }
  if (result == kDone && options.release) {
    compile::optimize_module(checked.module, {options.disabled_passes, false}, scheduler, times);
  }
  return result;
}

int Session::prepare_native() {
  if (options.release) {
    // Inlining wants the instructions of every function.
    const int prepared = prepare();
    code.emplace(program, loop_options, scheduler);
    return prepared;
  }
  const int result = check(true);
  return result == kDone ? analyze_loops() : result;
}

std::optional<object::Pieces> Session::link(int& exit_code) {
  if (!code) {
    code.emplace(program, loop_options, scheduler);
  }
  code->finish(checked.module, times, sink);
  if (!show_diagnostics()) {
    exit_code = kRejected;
    return std::nullopt;
  }
  auto image = code->link(checked.module, {project.name, static_cast<int32_t>(options.threads), true}, times);
  if (!image) {
    exit_code = show_failure(image.error());
    return std::nullopt;
  }
  exit_code = kDone;
  return std::move(*image);
}

bool Session::show(diag::Sink& reported, const source::SourceSet& texts) {
  const size_t errors = reported.error_count();
  std::string text;
  if (options.message_format == MessageFormat::Json) {
    text = diag::render_json(reported, texts);
  } else {
    const bool color = options.color == ColorChoice::Always || (options.color == ColorChoice::Auto && sys::wants_color(2));
    const unsigned width = sys::terminal_at(2).width;
    text = diag::render_terminal(reported, texts, {color, width == 0 ? kWidestInFiles : width});
  }
  if (before_showing && !text.empty()) {
    before_showing();
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
  reported.clear();
  return errors == 0;
}

bool Session::show_diagnostics() {
  sink.diagnostics();
  const size_t errors = sink.shown_error_count();
  show(sink, program.texts);
  if (errors != 0 && options.message_format == MessageFormat::Human && !options.quiet) {
    std::fprintf(stderr, "%zu error%s in %s\n", errors, errors == 1 ? "" : "s", project.main.c_str());
  }
  return errors == 0;
}

int Session::show_failure(const base::Error& error) {
  diag::Sink failed;
  diag::Diagnostic& report = failed.report(diag::Kind::WorldFailed, {}, {base::describe(error)});
  if (error.errno_value == ENOENT && !error.path.empty()) {
    const std::filesystem::path path(error.path);
    if (const auto names = sys::real_files().list_folder(path.has_parent_path() ? path.parent_path().string() : ".")) {
      const std::vector<std::string_view> candidates(names->begin(), names->end());
      if (const std::string_view nearest = diag::nearest_name(path.filename().string(), candidates); !nearest.empty()) {
        report.with_help("did you mean `" + (path.parent_path() / nearest).string() + "`?");
      }
    }
  }
  show(failed, program.texts);
  return kWorldFailed;
}

void Session::show_times() const {
  if (!options.verbose) {
    return;
  }
  int64_t sum = 0;
  for (const compile::PhaseTime& time : times) {
    std::fprintf(stderr, "%-14s %10.3f ms\n", time.name, static_cast<double>(time.nanoseconds) / 1e6);
    sum += time.nanoseconds;
  }
  std::fprintf(stderr, "%-14s %10.3f ms\n", "all", static_cast<double>(sum) / 1e6);
}

size_t Session::line_count() const {
  size_t lines = 0;
  for (const compile::LoadedFile& file : program.files) {
    const std::string_view text = program.texts.text(file.id);
    lines += program.texts.line_starts(file.id).size() - (text.empty() || text.back() == '\n' ? 1 : 0);
  }
  return lines;
}

bool print_out(std::string_view text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0; }

}  // namespace omega::driver
