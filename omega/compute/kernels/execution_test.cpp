// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/execution.h"

#include <gtest/gtest.h>

namespace omega::compute {
namespace {

TEST(Execution, WorkOfOnePieceIsStoppedToo) {
  task::Cancellation cancellation;
  const Execution execution{.cancellation = &cancellation};
  int calls = 0;
  run_pieces(execution, 1, [&](int64_t, int64_t) { ++calls; });
  EXPECT_EQ(calls, 1);
  cancellation.cancel();
  try {
    run_pieces(execution, 1, [&](int64_t, int64_t) { ++calls; });
    FAIL() << "not stopped";
  } catch (const Stopped& stopped) {
    EXPECT_EQ(stopped.reason, task::Outcome::cancelled);
  }
  EXPECT_EQ(calls, 1);
}

TEST(Execution, ADeadlineIsSaidAsOne) {
  const task::Cancellation late(std::chrono::nanoseconds(0));
  try {
    stop_if_requested({.cancellation = &late});
    FAIL() << "not stopped";
  } catch (const Stopped& stopped) {
    EXPECT_EQ(stopped.reason, task::Outcome::deadline_exceeded);
  }
}

}  // namespace
}  // namespace omega::compute
