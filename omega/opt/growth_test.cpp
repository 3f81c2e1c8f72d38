// SPDX-License-Identifier: Apache-2.0
// What is found out about loops and taken out of functions takes time in proportion to its number.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "omega/check/check_testing.h"
#include "omega/opt/parallelize.h"
#include "test/growth/growth.h"

namespace omega::opt {
namespace {

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
  return growth::least_seconds([&] {
    diag::Sink sink;
    const ParallelizeResult parallel = parallelize(program.module, options, sink);
    EXPECT_FALSE(sink.has_errors());
    EXPECT_GT(parallel.module.functions.size(), loops);
  });
}

TEST(ParallelizeGrowth, ManyLoopsOfOneFunction) {
  const double small = seconds_for(400);
  const double large = seconds_for(3200);
  // Eight times the loops; a square would take 64 times as long.
  EXPECT_LT(large, small * 24) << small << " s, then " << large << " s";
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
  auto seconds = [](int count) {
    const check::CheckedProgram program(closures_in_loops(count));
    EXPECT_EQ(program.sink.error_count(), 0u);
    ParallelizeOptions options;
    options.processors = 2;
    options.explain = true;
    return growth::least_seconds([&] {
      diag::Sink sink;
      EXPECT_EQ(parallelize(program.module, options, sink).reports.size(), static_cast<size_t>(count));
    });
  };
  const double small = seconds(250), large = seconds(4000);
  // Sixteen times the size; each call looking at each closure would take 256 times as long.
  EXPECT_LT(large, small * 64) << small << " s, then " << large << " s";
}

}  // namespace
}  // namespace omega::opt
