// SPDX-License-Identifier: Apache-2.0
// The process's surroundings by system calls.
#include "omega/sys/environment.h"

#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>

namespace omega::sys {
namespace {

/// Enough for any machine's processors.
constexpr size_t largest_cpu_count = 16384;

class SystemClock final : public Clock {
 public:
  explicit SystemClock(clockid_t which) : which_(which) {}
  int64_t now_ns() const override {
    timespec now{};
    ::clock_gettime(which_, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  }

 private:
  clockid_t which_;
};

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Terminal terminal_at(int descriptor) {
  const bool is_terminal = ::isatty(descriptor) == 1;
  unsigned width = 0;
  winsize size{};
  if (is_terminal && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0) {
    width = size.ws_col;
  }
  if (const auto columns = environment_variable("COLUMNS")) {
    unsigned wanted = 0;
    const auto [end, error] = std::from_chars(columns->data(), columns->data() + columns->size(), wanted);
    width = error == std::errc() && end == columns->data() + columns->size() ? wanted : width;
  }
  return {is_terminal, width};
}

bool wants_color(int descriptor) {
  const auto no_color = environment_variable("NO_COLOR");
  const auto term = environment_variable("TERM");
  return terminal_at(descriptor).is_terminal && !(no_color && !no_color->empty()) && !(term && *term == "dumb");
}

unsigned cpu_count() {
  cpu_set_t* set = CPU_ALLOC(largest_cpu_count);
  if (set == nullptr) {
    return 1;
  }
  const size_t size = CPU_ALLOC_SIZE(largest_cpu_count);
  CPU_ZERO_S(size, set);
  const int count = ::sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 1;
  CPU_FREE(set);
  return static_cast<unsigned>(std::max(count, 1));
}

const Clock& real_clock() {
  static const SystemClock clock(CLOCK_MONOTONIC);
  return clock;
}

const Clock& thread_clock() {
  static const SystemClock clock(CLOCK_THREAD_CPUTIME_ID);
  return clock;
}

const Clock& process_clock() {
  static const SystemClock clock(CLOCK_PROCESS_CPUTIME_ID);
  return clock;
}

}  // namespace omega::sys
