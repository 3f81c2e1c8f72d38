// SPDX-License-Identifier: Apache-2.0
// Sleeping until a word changes, and waking those who do.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace omega::task {

static_assert(sizeof(std::atomic<uint32_t>) == 4);

/// Sleeps while the word holds `expected`; may return early.
inline void futex_wait(std::atomic<uint32_t>& word, uint32_t expected) {
  ::syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

/// Sleeps while the word holds `expected`, at most until CLOCK_MONOTONIC reaches `deadline_ns` (INT64_MAX: for ever); may return early.
inline void futex_wait_until(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns) {
  if (deadline_ns == INT64_MAX) {
    futex_wait(word, expected);
    return;
  }
  const int64_t ns = deadline_ns < 0 ? 0 : deadline_ns;
  const timespec until{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  ::syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAIT_BITSET_PRIVATE, expected, &until, nullptr, FUTEX_BITSET_MATCH_ANY);
}

/// Wakes up to `count` sleepers of the word.
inline void futex_wake(std::atomic<uint32_t>& word, int count) {
  ::syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

}  // namespace omega::task
