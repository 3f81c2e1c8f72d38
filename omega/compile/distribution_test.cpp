// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/distribution.h"

#include <gtest/gtest.h>

#include <atomic>

namespace omega::compile {
namespace {

using Queues = std::vector<std::vector<uint32_t>>;

TEST(Distribution, StrategiesHaveNames) {
  EXPECT_EQ(strategy_named("round_robin"), DistributionStrategy::RoundRobin);
  EXPECT_EQ(strategy_named("load_balancing"), DistributionStrategy::LoadBalancing);
  EXPECT_EQ(strategy_named("priority"), DistributionStrategy::Priority);
  EXPECT_EQ(strategy_named("fair"), std::nullopt);
}

TEST(Distribution, DealsByTheStrategy) {
  const std::vector<uint64_t> costs = {3, 9, 1, 9, 5};
  EXPECT_EQ(deal(costs, DistributionStrategy::RoundRobin, 2), (Queues{{0, 2, 4}, {1, 3}}));
  EXPECT_EQ(deal(costs, DistributionStrategy::LoadBalancing, 2), (Queues{{1, 3, 4, 0, 2}}));
  EXPECT_EQ(deal(costs, DistributionStrategy::Priority, 2), (Queues{{0, 1, 2, 3, 4}}));
}

TEST(Distribution, EveryPieceIsDoneOnce) {
  task::Scheduler scheduler(3);
  const std::vector<uint64_t> costs(100, 1);
  for (const auto strategy : {DistributionStrategy::RoundRobin, DistributionStrategy::LoadBalancing, DistributionStrategy::Priority}) {
    for (const bool takes : {true, false}) {
      for (const unsigned workers : {0u, 1u, 2u, 50u}) {
        std::vector<std::atomic<int>> times(costs.size());
        distribute(scheduler, costs, {strategy, workers, takes, nullptr}, [&](uint32_t piece) { ++times[piece]; });
        for (const std::atomic<int>& count : times) {
          EXPECT_EQ(count, 1);
        }
      }
    }
  }
  distribute(scheduler, {}, {}, [](uint32_t) { FAIL(); });
}

TEST(Distribution, OneWorkerKeepsTheOrder) {
  task::Scheduler scheduler(2);
  const std::vector<uint64_t> costs = {1, 3, 2};
  const auto order = [&](DistributionStrategy strategy) {
    std::vector<uint32_t> done;
    distribute(scheduler, costs, {strategy, 1, true, nullptr}, [&](uint32_t piece) { done.push_back(piece); });
    return done;
  };
  EXPECT_EQ(order(DistributionStrategy::RoundRobin), (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_EQ(order(DistributionStrategy::LoadBalancing), (std::vector<uint32_t>{1, 2, 0}));
  EXPECT_EQ(order(DistributionStrategy::Priority), (std::vector<uint32_t>{0, 1, 2}));
}

TEST(Distribution, WhatHasNotBegunIsLeftOutWhenStopped) {
  task::Scheduler scheduler(1);
  task::Cancellation stop;
  const std::vector<uint64_t> costs(10, 1);
  int done = 0;
  distribute(scheduler, costs, {DistributionStrategy::Priority, 0, true, &stop}, [&](uint32_t) {
    if (++done == 3) {
      stop.cancel();
    }
  });
  EXPECT_EQ(done, 3);
}

}  // namespace
}  // namespace omega::compile
