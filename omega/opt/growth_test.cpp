// SPDX-License-Identifier: Apache-2.0
// What is found out about loops and taken out of functions takes time in proportion to its number.
#include <gtest/gtest.h>

#include <string>

#include "omega/check/check_testing.h"
#include "omega/opt/parallelize.h"
#include "test/growth/growth.h"

namespace omega::opt {
namespace {

/// A program of so many parallel loops, all in one function.
std::string parallel_loops(uint32_t loops) {
  std::string text = "let values = [1, 2, 3, 4]\nint64 sum = 0\n";
  for (uint32_t i = 0; i < loops; ++i) {
    const std::string variable = "i" + std::to_string(i);
    text += "@@ " + variable + " in 0..<4 { sum += values[" + variable + "] * " + std::to_string(i) + " }\n";
  }
  return text + "printf(\"%d\\n\", sum)\n";
}

TEST(ParallelizeGrowth, ManyLoopsOfOneFunction) {
  const check::CheckedProgram small(parallel_loops(400)), large(parallel_loops(3200));
  ASSERT_FALSE(small.sink.has_errors());
  ASSERT_FALSE(large.sink.has_errors());
  // Eight times the loops; a square would take 64 times as long.
  growth::expect_growth_below(24, small, large, [&](const check::CheckedProgram& program) {
    ParallelizeOptions options;
    options.processors = 2;
    return growth::seconds_of([&] {
      diag::Sink sink;
      const ParallelizeResult parallel = parallelize(program.module, options, sink);
      EXPECT_FALSE(sink.has_errors());
      EXPECT_GT(parallel.module.functions.size(), &program == &small ? 400 : 3200);
    });
  });
}

/// Functions whose loops call closures, and as many closures that read arrays of their own.
std::string closures_in_loops(int count) {
  std::string text;
  for (int k = 0; k < count; ++k) {
    const std::string n = std::to_string(k);
    text += "struct S" + n + " { int64[] xs; int64 at }\n";
    text += "function apply" + n + "(int64 n, S" + n + " s, function(int64) returns (int64) g) returns (int64) {\n";
    text += "  int64 sum = 0\n  @ i in 0..<n { sum += g(i) + s.xs[i] }\n  return sum\n}\n";
    text += "function use" + n + "(int64[] xs, S" + n + " s) returns (int64) { return apply" + n + "(3, s, x => xs[x] + s.at) }\n";
  }
  return text + "println(use0([1, 2, 3], S0([4, 5, 6], 1)))\n";
}

TEST(ParallelizeGrowth, CallsOfClosures) {
  const check::CheckedProgram small(closures_in_loops(250)), large(closures_in_loops(4000));
  ASSERT_EQ(small.sink.error_count(), 0u);
  ASSERT_EQ(large.sink.error_count(), 0u);
  // Sixteen times the size; each call looking at each closure would take 256 times as long.
  growth::expect_growth_below(64, small, large, [&](const check::CheckedProgram& program) {
    ParallelizeOptions options;
    options.processors = 2;
    options.explain = true;
    return growth::seconds_of([&] {
      diag::Sink sink;
      EXPECT_EQ(parallelize(program.module, options, sink).reports.size(), &program == &small ? 250 : 4000);
    });
  });
}

}  // namespace
}  // namespace omega::opt
