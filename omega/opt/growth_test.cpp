// SPDX-License-Identifier: Apache-2.0
// Taking loops out of a function takes time in proportion to what is taken out.
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <string>

#include "omega/check/check_testing.h"
#include "omega/opt/parallelize.h"

namespace omega::opt {
namespace {

/// Processor time, which other programs do not lengthen.
double seconds_of_this_thread() {
  timespec now{};
  EXPECT_EQ(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// What it takes to bring a program of so many parallel loops, all in one function, on its way.
double seconds_for(uint32_t loops) {
  std::string text = "let values = [1, 2, 3, 4]\nint64 sum = 0\n";
  for (uint32_t i = 0; i < loops; ++i) {
    const std::string variable = "i" + std::to_string(i);
    text += "@@ " + variable + " in 0..<4 { sum += values[" + variable + "] * " + std::to_string(i) + " }\n";
  }
  text += "printf(\"%d\\n\", sum)\n";
  const check::CheckedProgram program(text);
  EXPECT_FALSE(program.sink.has_errors());
  ParallelizeOptions options;
  options.processors = 2;
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    diag::Sink sink;
    const double begin = seconds_of_this_thread();
    const ParallelizeResult parallel = parallelize(program.module, options, sink);
    best = std::min(best, seconds_of_this_thread() - begin);
    EXPECT_FALSE(sink.has_errors());
    EXPECT_GT(parallel.module.functions.size(), loops);
  }
  return best;
}

TEST(ParallelizeGrowth, ManyLoopsOfOneFunction) {
  const double small = seconds_for(400);
  const double large = seconds_for(3200);
  // Eight times the loops; a square would take 64 times as long.
  EXPECT_LT(large, small * 24) << small << " s, then " << large << " s";
}

}  // namespace
}  // namespace omega::opt
