// SPDX-License-Identifier: Apache-2.0
// ProgressTracker: how far a build is, counted by all workers and read by whoever shows it.
#pragma once

#include <atomic>
#include <cstddef>

namespace omega::task {

/// How far a build was at some moment.
struct Progress {
  size_t parsed = 0;     ///< files
  size_t typed = 0;      ///< functions
  size_t generated = 0;  ///< functions
  size_t total = 0;      ///< files
  friend bool operator==(const Progress&, const Progress&) = default;
};

/// Counters without locks, each on a cache line of its own. All members may be called from any thread; counts order nothing else.
class ProgressTracker {
 public:
  explicit ProgressTracker(size_t total_files = 0) noexcept { total_files_.count.store(total_files, std::memory_order_relaxed); }

  /// More files have turned up.
  void files_found(size_t count) noexcept { total_files_.add(count); }
  void file_parsed() noexcept { parsed_files_.add(1); }
  void function_typed() noexcept { typed_functions_.add(1); }
  void function_generated() noexcept { generated_functions_.add(1); }

  /// The counts now; those of one moment only while nobody counts.
  [[nodiscard]] Progress progress() const noexcept {
    return {.parsed = parsed_files_.get(), .typed = typed_functions_.get(), .generated = generated_functions_.get(), .total = total_files_.get()};
  }

 private:
  struct alignas(64) Counter {
    std::atomic<size_t> count{0};
    void add(size_t n) noexcept { count.fetch_add(n, std::memory_order_relaxed); }
    [[nodiscard]] size_t get() const noexcept { return count.load(std::memory_order_relaxed); }
  };
  Counter total_files_;
  Counter parsed_files_;
  Counter typed_functions_;
  Counter generated_functions_;
};

}  // namespace omega::task
