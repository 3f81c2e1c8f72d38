// SPDX-License-Identifier: Apache-2.0
// FirstFailure: of all exceptions of a parallel operation, the one its sequential form would have thrown.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <utility>

#include "omega/task/platform.h"

namespace omega::task {

/// Keeps the exception with the lowest index. Any thread.
class FirstFailure {
 public:
  /// The lowest index that has failed so far; work above it need not run. UINT64_MAX: none.
  [[nodiscard]] uint64_t index() const noexcept { return index_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool any() const noexcept { return index() != UINT64_MAX; }

  /// Notes the exception that is being handled.
  void note(uint64_t index) noexcept {
    std::exception_ptr failure = std::current_exception();
    lock_.lock();
    if (index < index_.load(std::memory_order_relaxed)) {
      index_.store(index, std::memory_order_relaxed);
      std::swap(failure_, failure);
    }
    lock_.unlock();
  }

  /// Throws what is kept, if anything, and forgets it. When no note() runs at the same time.
  void rethrow() {
    if (any()) [[unlikely]] {
      index_.store(UINT64_MAX, std::memory_order_relaxed);
      std::rethrow_exception(std::exchange(failure_, nullptr));
    }
  }

 private:
  std::atomic<uint64_t> index_{UINT64_MAX};
  BasicMutex<SystemPlatform> lock_;
  std::exception_ptr failure_;
};

}  // namespace omega::task
