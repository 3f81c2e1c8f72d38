// SPDX-License-Identifier: Apache-2.0
// What a long build is doing, on a terminal.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "omega/compile/phase_times.h"

namespace omega::driver {

/// From half a second of its life on shows the phase that runs and the time, on one line of standard error that disappears at the end. Does nothing
/// when standard error is no terminal.
class Progress {
 public:
  /// `times` must outlive this.
  Progress(const compile::PhaseTimes& times, bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void show();

  const compile::PhaseTimes& times_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace omega::driver
