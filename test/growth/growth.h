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

/// Processor time that `work()` takes on this thread: the least of three times.
template <class Work>
double least_seconds(Work&& work) {
  double least = 1e9;
  for (int round = 0; round < 3; ++round) {
    const double begin = processor_seconds();
    work();
    least = std::min(least, processor_seconds() - begin);
  }
  return least;
}

}  // namespace omega::growth
