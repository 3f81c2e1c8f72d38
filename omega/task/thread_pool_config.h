// SPDX-License-Identifier: Apache-2.0
// ThreadPoolConfig: how many threads each kind of a compiler's work gets.
#pragma once

#include <algorithm>
#include <cstddef>

#include "omega/sys/environment.h"

namespace omega::task {

/// Threads by kind of work, each at least one; a Scheduler of that many runs it.
struct ThreadPoolConfig {
  unsigned parse_threads = 1;    ///< reading and parsing files
  unsigned check_threads = 1;    ///< checking names and types
  unsigned codegen_threads = 1;  ///< making code

  /// For a machine of `cpus` processors. Parsing waits for files, so it gets two threads a processor; checking one; code generation leaves
  /// one processor to the main thread.
  static ThreadPoolConfig auto_config(unsigned cpus = sys::cpu_count()) {
    return {.parse_threads = cpus * 2, .check_threads = cpus, .codegen_threads = std::max(cpus - 1, 1u)};
  }

  /// For a project of so many files and lines of code: two threads each below 10 files or 1,000 lines, no more threads than processors, and
  /// half of them for code, below 100 files or 10,000 lines, auto_config() from there on.
  static ThreadPoolConfig for_project_size(size_t file_count, size_t total_loc, unsigned cpus = sys::cpu_count()) {
    if (file_count < 10 || total_loc < 1000) {
      return {.parse_threads = 2, .check_threads = 2, .codegen_threads = 2};
    }
    if (file_count < 100 || total_loc < 10000) {
      return {.parse_threads = cpus, .check_threads = cpus, .codegen_threads = std::max(cpus / 2, 1u)};
    }
    return auto_config(cpus);
  }

  friend bool operator==(const ThreadPoolConfig&, const ThreadPoolConfig&) = default;
};

}  // namespace omega::task
