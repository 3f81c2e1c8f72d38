// SPDX-License-Identifier: Apache-2.0
// What a long build is doing, on a terminal.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "omega/compile/parallel_compiler.h"
#include "omega/compile/phase_times.h"

namespace omega::driver {

/// A line for the phase that runs and the time since the beginning, and one for each target of a job of several. Lines are cut at `width` columns; 0: not.
std::string progress_text(const char* phase, double seconds, const std::optional<compile::JobStatus>& job, unsigned width);

/// From half a second of its life on shows what a build is doing, in lines of standard error that disappear at the end. Does nothing when standard error is no
/// terminal.
class Progress {
 public:
  /// `job` says, on a thread of this, how far the job that runs is, if one does. What it and this refer to must outlive this.
  Progress(const compile::PhaseTimes& times, bool wanted, std::function<std::optional<compile::JobStatus>()> job = {});
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Takes away what is shown and shows nothing more. Before anything else is written to standard error.
  void end();

 private:
  void show();

  const compile::PhaseTimes& times_;
  std::function<std::optional<compile::JobStatus>()> job_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace omega::driver
