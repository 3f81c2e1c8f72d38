// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/trial.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace omega::compute {
namespace {

TEST(Trial, WhatComesToItsEndIsHarmless) {
  int touched = 0;
  EXPECT_EQ(failure_of_trial([&] { touched = 1; }), "");
  EXPECT_EQ(failure_of_trial([] { throw std::runtime_error("no such device"); }), "");
  EXPECT_EQ(touched, 0);
}

TEST(Trial, ADeathIsToldWithItsLastWords) {
  EXPECT_EQ(failure_of_trial([] {
              std::fputs("out of luck\n", stderr);
              std::abort();
            }),
            "killed by signal 6, Aborted: out of luck");
  EXPECT_EQ(failure_of_trial([] { ::_exit(3); }), "ended with status 3");
}

TEST(Trial, WhatDoesNotEndIsKilled) {
  EXPECT_EQ(failure_of_trial([] { ::pause(); }, std::chrono::milliseconds(50)), "still busy after 50 ms");
}

}  // namespace
}  // namespace omega::compute
