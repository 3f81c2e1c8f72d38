// SPDX-License-Identifier: Apache-2.0
// omega build: a program's artifacts for each target.
#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <optional>
#include <span>

#include "omega/base/check.h"
#include "omega/compile/c_target.h"
#include "omega/compile/native.h"
#include "omega/compile/parallel_compiler.h"
#include "omega/driver/commands.h"
#include "omega/driver/exit_code.h"
#include "omega/driver/made.h"
#include "omega/driver/progress.h"
#include "omega/driver/session.h"
#include "omega/sys/file_set.h"
#include "omega/task/parallel_pieces.h"

namespace omega::driver {
namespace {

int write_native(Session& session, const std::string& folder, MadeForTarget& made) {
  int result = kDone;
  const std::optional<object::Pieces> image = session.link(result);
  if (!image) {
    return result;
  }
  made.made.push_back({folder + "/" + session.project.name, 1, image->size()});
  compile::PhaseTimer timer(session.times, "write");
  base::Result<void> written = sys::real_files().make_folders(folder);
  if (written) {
    written = sys::replace_file(folder, session.project.name, image->list(), sys::FileMode::executable);
  }
  return written ? static_cast<int>(kDone) : session.show_failure(written.error());
}

int write_c(Session& session, const std::string& folder, MadeForTarget& made) {
  const std::vector<codegen::c::File> files = compile::make_c(session.checked.module, session.program, session.project.name, session.scheduler, session.times);
  compile::PhaseTimer timer(session.times, "write");
  if (auto folders = sys::real_files().make_folders(folder); !folders) {
    return session.show_failure(folders.error());
  }
  Made& one = made.made.emplace_back(Made{folder + "/main.c", files.size(), 0});
  std::vector<sys::NamedText> set;
  for (const codegen::c::File& file : files) {
    set.push_back({file.name, file.text});
    one.bytes += file.text.size();
  }
  if (auto written = sys::replace_file_set(folder, set, "main.c", task::lend(session.scheduler, 8)); !written) {
    return session.show_failure(written.error());
  }
  return kDone;
}

/// Writes what one chain target made of each contract.
base::Result<void> write_contracts(const compile::MadeTarget& target, const std::string& folder, MadeForTarget& all_made) {
  if (auto folders = sys::real_files().make_folders(folder); !folders) {
    return folders;
  }
  std::vector<sys::NamedText> files;
  for (const compile::MadeContract& contract : target.contracts) {
    for (const compile::ContractFile& file : contract.files) {
      files.push_back({file.name, file.text});
    }
    all_made.made.push_back({folder + "/" + contract.files.back().name, contract.files.size(), contract.code_bytes});
  }
  return sys::replace_files(folder, files);
}

/// `0x` and up to 64 hexadecimal digits, which the command line has checked.
std::array<uint8_t, 32> address_of(std::string_view text) {
  std::array<uint8_t, 32> address{};
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    const char c = text[text.size() - 1 - i];
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    address[31 - i / 2] = static_cast<uint8_t>(address[31 - i / 2] | digit << (i % 2 * 4));
  }
  return address;
}

/// A build as its functions share it.
struct Build {
  Session& session;
  compile::ParallelCompiler& compiler;
  std::atomic<uint64_t>& running_job;
  std::string output;
  BuildSummary summary;
};

/// Writes the files of all targets side by side, and shows in order what went wrong.
int write_targets(Build& build, std::vector<compile::MadeTarget>& targets) {
  Session& session = build.session;
  const sys::Clock& clock = sys::thread_clock();
  compile::PhaseTimer timer(session.times, "write");
  std::vector<MadeForTarget> made(targets.size());
  std::vector<base::Result<void>> written(targets.size());
  task::parallel_pieces(session.scheduler, targets.size(), 1, [&](size_t begin, size_t end, unsigned) {
    for (size_t i = begin; i < end; ++i) {
      const int64_t start = clock.now_ns();
      made[i].target = targets[i].target;
      if (targets[i].is_whole) {
        written[i] = write_contracts(targets[i], build.output + "/" + targets[i].target, made[i]);
      }
      made[i].nanoseconds = targets[i].work_ns + clock.now_ns() - start;
    }
  });
  int result = kDone;
  for (size_t i = 0; i < targets.size(); ++i) {
    // One target's failure leaves the others' results whole.
    session.show(targets[i].sink, session.program.texts);
    int code = targets[i].is_whole ? kDone : kRejected;
    if (!written[i]) {
      code = session.show_failure(written[i].error());
    }
    made[i].has_failed = code != kDone;
    if (made[i].has_failed) {
      made[i].made.clear();
    }
    build.summary.one_by_one_ns += made[i].nanoseconds;
    build.summary.targets.push_back(std::move(made[i]));
    result = std::max(result, code);
  }
  return result;
}

void note_failed(Build& build, std::span<const std::string> targets) {
  for (const std::string& target : targets) {
    build.summary.targets.push_back({target, {}, true, 0});
  }
}

/// Makes the contracts of the first file for chain targets.
int build_contracts(Build& build, std::span<const std::string> targets) {
  Session& session = build.session;
  auto job = build.compiler.create_compilation_job(session.project.main, {targets.begin(), targets.end()});
  OMEGA_CHECK(job.has_value(), "the queue is empty, and the command line knows the targets");
  job->chains.move_address = address_of(session.options.move_address);
  job->chains.cosmos_denomination = session.options.cosmos_denomination;
  job->disabled_passes = session.options.disabled_passes;
  job->program = &session.program;
  job->times = &session.times;
  build.running_job.store(job->job_id);
  auto result = build.compiler.compile_parallel(*job);
  build.running_job.store(0);
  if (!result) {
    note_failed(build, targets);
    return session.show_failure(result.error());
  }
  session.sink.merge(std::move(result->sink));
  if (!session.show_diagnostics()) {
    note_failed(build, targets);
    return kRejected;
  }
  build.summary.one_by_one_ns += result->front_end_ns;
  return write_targets(build, result->targets);
}

/// Makes an executable, C sources, or both.
int build_program(Build& build, std::span<const std::string> targets) {
  Session& session = build.session;
  const sys::Clock& clock = sys::real_clock();
  const int64_t begin = clock.now_ns();
  const bool only_native = std::ranges::all_of(targets, [](const std::string& target) { return target == "native"; });
  int result = only_native ? session.prepare_native() : session.prepare();
  build.summary.one_by_one_ns += clock.now_ns() - begin;
  if (result != kDone) {
    note_failed(build, targets);
    return result;
  }
  // One target's failure leaves the others' results whole.
  for (const std::string& target : targets) {
    const int64_t start = clock.now_ns();
    MadeForTarget made{target, {}, false, 0};
    const int code = target == "c" ? write_c(session, build.output + "/c", made) : write_native(session, build.output + "/native", made);
    made.nanoseconds = clock.now_ns() - start;
    made.has_failed = code != kDone;
    if (made.has_failed) {
      made.made.clear();
    }
    build.summary.one_by_one_ns += made.nanoseconds;
    build.summary.targets.push_back(std::move(made));
    result = std::max(result, code);
  }
  return result;
}

/// All targets: contracts first, which have their own meaning.
int build_targets(Build& build, std::vector<std::string> targets) {
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  const auto programs = std::stable_partition(targets.begin(), targets.end(), compile::is_chain_target);
  int result = kDone;
  if (programs != targets.begin()) {
    result = build_contracts(build, {targets.begin(), programs});
  }
  if (result != kWorldFailed && programs != targets.end()) {
    result = std::max(result, build_program(build, {programs, targets.end()}));
  }
  return result;
}

}  // namespace

int build_command(const Options& options) {
  const int64_t begin = sys::real_clock().now_ns();
  // Live until the process ends, which gives their memory back faster than they could themselves.
  static Session& session = *new Session(options);
  static compile::ParallelCompiler& compiler =
      *new compile::ParallelCompiler({.compilation_timeout = 0, .target_distribution_strategy = "load_balancing"}, sys::real_files(), &session.scheduler);
  std::atomic<uint64_t> running_job{0};
  Build build{session, compiler, running_job, "", {}};
  int result = kDone;
  {
    Progress progress(session.times, !options.quiet, [&running_job] { return compiler.get_job_status(running_job.load()); });
    session.before_showing = [&progress] { progress.end(); };
    result = session.open();
    std::vector<std::string> targets = options.targets.empty() ? session.project.targets : options.targets;
    if (targets.empty()) {
      targets.emplace_back("native");
    }
    const std::filesystem::path beside(session.project.folder);
    build.output = options.output.empty() ? (beside / "out").string() : options.output;
    if (result == kDone) {
      result = build_targets(build, std::move(targets));
    }
  }
  session.before_showing = nullptr;
  session.show_times();
  if (!options.quiet) {
    build.summary.lines = session.line_count();
    build.summary.nanoseconds = sys::real_clock().now_ns() - begin;
    const bool color = options.color == ColorChoice::Always || (options.color == ColorChoice::Auto && sys::wants_color(1));
    const std::string text =
        options.message_format == MessageFormat::Json ? summary_json(build.summary) : summary_text(build.summary, sys::terminal_at(1).width, color);
    if (!print_out(text)) {
      return session.show_failure({"cannot write to standard output", errno, ""});
    }
  }
  return result;
}

}  // namespace omega::driver
