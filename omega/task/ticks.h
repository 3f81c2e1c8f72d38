// SPDX-License-Identifier: Apache-2.0
// A cheap measure of time for decisions that need no exactness.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include <chrono>
#endif

namespace omega::task {

/// A count that grows steadily, about `ticks_per_us` a microsecond (within a factor of two on machines of this century).
inline uint64_t ticks() noexcept {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()) * 5 / 2;
#endif
}

inline constexpr uint64_t ticks_per_us = 2500;

}  // namespace omega::task
