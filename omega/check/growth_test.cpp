// SPDX-License-Identifier: Apache-2.0
// Checking takes time in proportion to a program's size, also where many things have one name or see each other.
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "omega/check/check_testing.h"

namespace omega::check {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

/// Processor time, which other programs do not lengthen.
double seconds_of_this_thread() {
  timespec now{};
  EXPECT_EQ(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void expect_linear(const std::function<Files(uint32_t)>& program, uint32_t size) {
  const auto seconds = [&](uint32_t n) {
    double best = 1e9;
    for (int round = 0; round < 3; ++round) {
      const Files files = program(n);
      const double begin = seconds_of_this_thread();
      const CheckedProgram checked(files);
      best = std::min(best, seconds_of_this_thread() - begin);
      EXPECT_EQ(checked.sink.error_count(), 0u);
    }
    return best;
  };
  const double small = seconds(size);
  const double large = seconds(size * 8);
  // Eight times the program; a square would take 64 times as long.
  EXPECT_LT(large, small * 24) << small << " s, then " << large << " s";
}

std::string numbered(const std::string& text, uint32_t number) {
  std::string out;
  for (const char c : text) {
    out += c == '#' ? std::to_string(number) : std::string(1, c);
  }
  return out;
}

Files repeated(uint32_t count, const std::string& declarations, const std::string& statements) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    text += numbered(declarations, i);
  }
  for (uint32_t i = 0; i < count; ++i) {
    text += numbered(statements, i);
  }
  return {{"main.omega", text}};
}

TEST(CheckGrowth, CallsOfManyFunctionsOfOneName) {
  expect_linear([](uint32_t n) { return repeated(n, "struct S# { int64 x; }\nfunction f(S# s) returns (int64) { return s.x; }\n", "let r# = f(S#(#))\n"); },
                500);
}

TEST(CheckGrowth, ManyFunctionsOfOneNameAsValues) {
  expect_linear(
      [](uint32_t n) {
        return repeated(n, "struct S# { int64 x; }\nfunction f(S# s) returns (int64) { return s.x; }\n", "function(S#) returns (int64) g# = f\n");
      },
      500);
}

}  // namespace
}  // namespace omega::check
