// SPDX-License-Identifier: Apache-2.0
// Parker: one thread sleeps, others wake it.
#pragma once

#include <cstdint>

#include "omega/task/platform.h"

namespace omega::task {

/// Holds at most one token. park() takes the token, asleep until there is one; unpark() gives it. A token given before park() is not lost,
/// two given in a row count once, so whoever returns from park() must look at what it waits for.
template <class Platform = SystemPlatform>
class Parker {
 public:
  /// Returns with the token, or without one when CLOCK_MONOTONIC has reached `deadline_ns`. Its one thread only.
  /// @return whether there was a token.
  bool park(int64_t deadline_ns = INT64_MAX) noexcept {
    uint32_t seen = token;
    if (word_.compare_exchange_strong(seen, empty, std::memory_order_acquire, std::memory_order_acquire)) {
      return true;
    }
    if (!word_.compare_exchange_strong(seen, parked, std::memory_order_acquire, std::memory_order_acquire)) {
      word_.store(empty, std::memory_order_relaxed);  // a token came in between
      return true;
    }
    do {
      Platform::wait(word_, parked, deadline_ns);
      if (word_.load(std::memory_order_acquire) != parked) {
        break;
      }
    } while (deadline_ns == INT64_MAX || Platform::now_ns() < deadline_ns);
    return word_.exchange(empty, std::memory_order_acquire) == token;
  }

  /// Gives the token; wakes the sleeper if there is one. Any thread.
  void unpark() noexcept {
    if (word_.exchange(token, std::memory_order_release) == parked) {
      Platform::wake_one(word_);
    }
  }

 private:
  static constexpr uint32_t empty = 0;
  static constexpr uint32_t token = 1;
  static constexpr uint32_t parked = 2;
  typename Platform::template Atomic<uint32_t> word_{empty};
};

}  // namespace omega::task
