// SPDX-License-Identifier: Apache-2.0
// One compilation as a command sees it: what was loaded and checked, and how mistakes and failures are shown.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "omega/compile/front_end.h"
#include "omega/compile/native.h"
#include "omega/driver/options.h"
#include "omega/driver/project.h"

namespace omega::driver {

class Session {
 public:
  explicit Session(const Options& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Each phase does those before it and gives the exit code: 0, or what the command ends with; what is wrong has been shown then.
  /// Finds the project that the command line names, once.
  int open();
  int load(compile::LoadUntil until);
  /// `into_code`: machine code is made on the way, where that is possible; `code` is there then.
  int check(bool into_code);
  /// Finds out whether the program's first file is Solidity's and declares contracts; then it has been loaded for check_contracts().
  int look_for_contracts(bool& found);
  /// Checks the contracts of the first file: `contracts` are those that can be made.
  int check_contracts();
  /// Brings contracts into the form that chain targets take; there must be one.
  int prepare_contracts();
  /// Races of parallel loops, after check().
  int check_races();
  /// Brings a program that has a begin into the form that back ends take: loops analysed (reported with --explain), optimised with --release.
  int prepare();
  /// The same for a program that becomes a native executable and nothing else, whose machine code is made on the way. `code` is there then.
  int prepare_native();
  /// Makes the machine code there is not yet, shows what cannot be done, and links. None: what went wrong has been shown, `exit_code` says how.
  std::optional<object::Pieces> link(int& exit_code);

  /// Shows what was reported so far; true when there were no errors.
  bool show_diagnostics();
  /// Shows what was reported elsewhere, and forgets it; true when there were no errors.
  bool show(diag::Sink& reported, const source::SourceSet& texts);
  /// Shows a failure of the world; gives its exit code.
  int show_failure(const base::Error& error);
  /// With --verbose: how long each phase took.
  void show_times() const;
  /// Lines of all files.
  [[nodiscard]] size_t line_count() const;

  const Options& options;
  std::function<void()> before_showing;  ///< called before something is written to standard error, if set
  opt::ParallelizeOptions loop_options;
  Project project;
  task::Scheduler scheduler;
  compile::PhaseTimes times;
  diag::Sink sink;
  compile::LoadedProgram program;
  compile::CheckedProgram checked;
  std::optional<compile::NativeCode> code;
  std::vector<std::shared_ptr<ir::Module>> contracts;

 private:
  int analyze_loops();
  [[nodiscard]] bool has_trees() const;
  int load_trees();
};

/// Writes text to standard output; false when that failed (a full disk, a closed pipe).
bool print_out(std::string_view text);

}  // namespace omega::driver
