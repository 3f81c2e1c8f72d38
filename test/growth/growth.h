// SPDX-License-Identifier: Apache-2.0
// Growth tests: how what a piece of work takes grows with the size of its input.
#pragma once

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>

namespace omega::growth {

/// Processor time of the calling thread, which other programs do not lengthen.
inline double processor_seconds() {
  timespec now{};
  EXPECT_EQ(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Processor time of one run of `work()` on this thread.
template <class Work>
double seconds_of(Work&& work) {
  const double begin = processor_seconds();
  work();
  return processor_seconds() - begin;
}

/// Expects that `large` takes less than `times` what `small` takes, where `seconds(input)` gives the processor time of one run. The two are measured in turn
/// and the least of each counts: what other programs take from caches and memory lengthens single runs, so only a bound that no round brings about fails.
template <class Input, class Seconds>
void expect_growth_below(double times, const Input& small, const Input& large, Seconds&& seconds) {
  constexpr int kLeastRounds = 3, kMostRounds = 12;
  double least_small = 1e9, least_large = 1e9;
  for (int round = 0; round < kMostRounds; ++round) {
    least_small = std::min<double>(least_small, seconds(small));
    least_large = std::min<double>(least_large, seconds(large));
    if (::testing::Test::HasFailure() || (round + 1 >= kLeastRounds && least_large < times * least_small)) {
      return;
    }
  }
  EXPECT_LT(least_large, times * least_small) << least_small << " s, then " << least_large << " s";
}

}  // namespace omega::growth
