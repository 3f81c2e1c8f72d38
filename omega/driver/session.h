// SPDX-License-Identifier: Apache-2.0
// One compilation as a command sees it: what was loaded and checked, and how mistakes and failures are shown.
#pragma once

#include <string>

#include "omega/compile/front_end.h"
#include "omega/driver/options.h"

namespace omega::driver {

class Session {
 public:
  explicit Session(const Options& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Each phase gives the exit code: 0, or what the command ends with; mistakes have been shown then.
  int load(compile::LoadUntil until);
  int check();

  /// Shows what was reported so far; true when there were no errors.
  bool show_diagnostics();
  /// Shows a failure of the world; gives its exit code.
  int show_failure(const base::Error& error) const;
  /// With --verbose: how long each phase took.
  void show_times() const;

  const Options& options;
  task::Pool pool;
  compile::PhaseTimes times;
  diag::Sink sink;
  compile::LoadedProgram program;
  compile::CheckedProgram checked;

 private:
  size_t shown_errors_ = 0;
};

/// Writes text to standard output; false when that failed (a full disk, a closed pipe).
bool print_out(std::string_view text);

}  // namespace omega::driver
