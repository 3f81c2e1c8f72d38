// SPDX-License-Identifier: Apache-2.0
// How long each phase of a compilation took, by the wall clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "omega/sys/environment.h"

namespace omega::compile {

/// A phase that ran. `name` is a literal.
struct PhaseTime {
  const char* name;
  int64_t nanoseconds;
};

/// The phases in the order they ended.
class PhaseTimes : public std::vector<PhaseTime> {
 public:
  /// The phase that runs now (a literal), or null. May be read from any thread: progress displays do.
  std::atomic<const char*> running{nullptr};
};

/// Adds its own lifetime to the list.
class PhaseTimer {
 public:
  PhaseTimer(PhaseTimes& times, const char* name) : times_(times), name_(name), begin_(sys::real_clock().now_ns()) {
    times.running.store(name, std::memory_order_relaxed);
  }
  ~PhaseTimer() { times_.push_back({name_, sys::real_clock().now_ns() - begin_}); }
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

 private:
  PhaseTimes& times_;
  const char* name_;
  int64_t begin_;
};

}  // namespace omega::compile
