// SPDX-License-Identifier: Apache-2.0
// Where threads run.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <vector>

namespace omega::sys {

/// The processors that the thread which makes this may run on. Schedulers that save power or processors wake a thread where the one that woke it runs,
/// and there the two take turns for milliseconds while other processors idle. Thread-safe. What the system refuses costs speed only.
class Processors {
 public:
  Processors();

  /// 0 when the system does not say.
  [[nodiscard]] unsigned count() const { return count_; }
  /// Their numbers, ascending.
  [[nodiscard]] std::vector<unsigned> numbers() const;
  /// Has `thread`, which is asleep or has just been made, wake up on another processor than the caller's, if there is one. Returns the processor it
  /// keeps off, or -1.
  int keep_off_here(pthread_t thread) const;
  /// Lets the calling thread go where the system wants to have it.
  void go_anywhere() const;

 private:
  cpu_set_t all_;
  unsigned count_ = 0;
};

}  // namespace omega::sys
