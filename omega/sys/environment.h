// SPDX-License-Identifier: Apache-2.0
// What the process was started with and runs on: variables, terminal, processors, time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace omega::sys {

/// The value of an environment variable, or nothing. Not beside a thread that changes the environment.
std::optional<std::string> environment_variable(const char* name);

/// What is at the other end of a descriptor.
struct Terminal {
  bool is_terminal = false;
  /// Columns: what COLUMNS says, else what the terminal says; 0 when neither does.
  unsigned width = 0;
};

/// Looks at descriptor 1 (standard output) or 2 (standard error).
Terminal terminal_at(int descriptor);

/// True when colours suit this descriptor: a terminal, TERM not "dumb", NO_COLOR not set.
bool wants_color(int descriptor);

/// Processors this process may run on, at least 1.
unsigned cpu_count();

/// Time that never goes back.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Nanoseconds since some fixed moment. Any thread.
  [[nodiscard]] virtual int64_t now_ns() const = 0;
};

/// CLOCK_MONOTONIC.
const Clock& real_clock();
/// CLOCK_THREAD_CPUTIME_ID: what the calling thread has had of processors. Moments of two threads have nothing to do with each other.
const Clock& thread_clock();
/// CLOCK_PROCESS_CPUTIME_ID: what all threads of this process have had of processors.
const Clock& process_clock();

}  // namespace omega::sys
