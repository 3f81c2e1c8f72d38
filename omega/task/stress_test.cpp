// SPDX-License-Identifier: Apache-2.0
// Mixed work from several threads on schedulers of several sizes, more threads than processors among them; a quick share of what
// task_stress does.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "omega/task/stress_testing.h"

namespace omega::task {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr uint64_t rounds = 15;
#else
constexpr uint64_t rounds = 100;
#endif

TEST(Stress, MixedWorkOnSchedulersOfAllSizes) {
  for (const unsigned threads : {1u, 2u, 3u, 8u}) {
    Scheduler scheduler(SchedulerOptions{.threads = threads, .processors = {}, .search_us = threads == 3 ? 0u : 20u, .name = "stress"});
    for (uint64_t seed = 1; seed <= rounds; ++seed) {
      EXPECT_GT(stress::round(scheduler, seed), 0u);
    }
  }
}

TEST(Stress, ManyCallersOfOneScheduler) {
  Scheduler scheduler(3);
  std::vector<std::thread> callers;
  for (uint64_t caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&scheduler, caller] {
      for (uint64_t seed = 1; seed <= rounds / 2; ++seed) {
        stress::round(scheduler, caller * 1000 + seed);
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
}

TEST(Stress, SchedulersComeAndGo) {
  for (uint64_t seed = 1; seed <= rounds / 2; ++seed) {
    Scheduler outer(2);
    Scheduler inner(SchedulerOptions{.threads = 2, .affinity = Affinity::processor, .processors = {}, .name = "inner"});
    parallel_for(outer, 0, 4, [&](size_t i) { stress::round(inner, seed + i); }, {.grain = 1});
  }
}

}  // namespace
}  // namespace omega::task
