// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/parallel/load_balancer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

namespace omega::compute {
namespace {

using Lists = std::vector<std::vector<uint32_t>>;

TEST(LoadBalancer, KnowsNothingOfAFunctionThatNeverRan) {
  const LoadBalancer balancer;
  EXPECT_FALSE(balancer.expected_seconds("f", 100));
  const std::string functions[] = {"f", "f"};
  const double elements[] = {100, 400};
  EXPECT_EQ(balancer.estimate_loads(functions, elements), (std::vector<double>{100, 400}));
}

TEST(LoadBalancer, LearnsSecondsByFunctionAndSize) {
  LoadBalancer balancer;
  balancer.record({"slow", 1000, 0, 2.0, 0});
  balancer.record({"slow", 16, 0, 1.6, 0});
  EXPECT_DOUBLE_EQ(*balancer.expected_seconds("slow", 1000), 2.0);
  EXPECT_DOUBLE_EQ(*balancer.expected_seconds("slow", 16), 1.6);  // not 1000 times less than the large one
  EXPECT_DOUBLE_EQ(*balancer.expected_seconds("slow", 2000), 4.0);
  EXPECT_FALSE(balancer.expected_seconds("fast", 1000));
}

TEST(LoadBalancer, ScalesWhatItDoesNotKnowToWhatItKnows) {
  LoadBalancer balancer;
  balancer.record({"known", 100, 0, 1.0, 0});
  const std::string functions[] = {"known", "new"};
  const double elements[] = {100, 50};
  EXPECT_EQ(balancer.estimate_loads(functions, elements), (std::vector<double>{1.0, 0.5}));
}

TEST(LoadBalancer, FollowsAChangeOfCost) {
  LoadBalancer balancer;
  for (int i = 0; i < 20; ++i) {
    balancer.record({"f", 10, 0, 1.0, 0});
  }
  for (int i = 0; i < 20; ++i) {
    balancer.record({"f", 10, 0, 3.0, 0});
  }
  EXPECT_NEAR(*balancer.expected_seconds("f", 10), 3.0, 0.01);
}

TEST(LoadBalancer, ForgetsTheOldestFunctionsAndTasks) {
  LoadBalancer balancer;
  for (size_t i = 0; i < LoadBalancer::kMaxRecords + 10; ++i) {
    balancer.record({"f" + std::to_string(i), 1, 0, 1.0, 0});
  }
  EXPECT_FALSE(balancer.expected_seconds("f0", 1));
  EXPECT_EQ(balancer.history().size(), LoadBalancer::kMaxRecords);
  EXPECT_EQ(balancer.history().front().function, "f10");
  balancer.clear();
  EXPECT_TRUE(balancer.history().empty());
}

TEST(Assignment, HeaviestFirstToTheLeastLoaded) {
  const double loads[] = {1, 7, 3, 2, 6, 1};
  EXPECT_EQ(assign_heaviest_first(loads, 2), (Lists{{1, 3, 0}, {4, 2, 5}}));
}

TEST(Assignment, InOrderByRuns) {
  EXPECT_EQ(assign_in_order(5, 2, 0), (Lists{{0, 1, 2}, {3, 4}}));
  EXPECT_EQ(assign_in_order(5, 2, 2), (Lists{{0, 1, 4}, {2, 3}}));
  EXPECT_EQ(assign_in_order(0, 2, 0), (Lists{{}, {}}));
}

TEST(TaskHandout, AnIdleWorkerTakesTheHeaviestOfWhoHasMost) {
  TaskHandout handout({{0, 1, 2}, {3}}, {5, 4, 1, 3}, 0.8);
  EXPECT_EQ(handout.next(0), std::vector<uint32_t>{0});
  EXPECT_EQ(handout.next(1), std::vector<uint32_t>{3});
  EXPECT_EQ(handout.next(1, 3.0), std::vector<uint32_t>{1});
  EXPECT_EQ(handout.next(1, 4.0), std::vector<uint32_t>{2});
  EXPECT_TRUE(handout.next(1, 1.0).empty());
  EXPECT_TRUE(handout.next(0, 5.0).empty());
  EXPECT_EQ(handout.moves(), 2u);
}

TEST(TaskHandout, ALowThresholdRebalancesBeforeAWorkerIsIdle) {
  // Worker 0 has 3 of 12 left: 75 % less than worker 1.
  const auto moves = [](double threshold) {
    TaskHandout handout({{0, 1}, {2, 3, 4, 5}}, {3, 3, 3, 3, 3, 3}, threshold);
    EXPECT_EQ(handout.next(1), std::vector<uint32_t>{2});
    EXPECT_EQ(handout.next(0), std::vector<uint32_t>{0});
    EXPECT_EQ(handout.next(0, 3.0), std::vector<uint32_t>{1});
    return handout.moves();
  };
  EXPECT_GT(moves(0.6), 0u);
  EXPECT_EQ(moves(0.8), 0u);
}

TEST(TaskHandout, WithoutRebalancingEveryoneKeepsTheirOwn) {
  for (const std::optional<double> threshold : {std::optional<double>(), std::optional(1.0)}) {
    TaskHandout handout({{0, 1, 2}, {}}, {1, 1, 1}, threshold);
    EXPECT_TRUE(handout.next(1).empty());
    EXPECT_EQ(handout.left(), 3u);
  }
}

TEST(TaskHandout, HandsOutChunksAndStops) {
  TaskHandout handout({{0, 1, 2, 3, 4}}, {1, 1, 1, 1, 1}, std::nullopt, {.most = 2, .seconds = {}});
  EXPECT_EQ(handout.next(0), (std::vector<uint32_t>{0, 1}));
  handout.stop();
  EXPECT_TRUE(handout.next(0).empty());
}

TEST(TaskHandout, AChunkTakesSoLongByThePaceOfThoseDone) {
  const std::vector<double> loads(100, 2.0);
  std::vector<std::vector<uint32_t>> lists(2);
  for (uint32_t i = 0; i < 100; ++i) {
    lists[i % 2].push_back(i);
  }
  TaskHandout learning(lists, loads, std::nullopt, {.most = 1000, .seconds = 1.0});
  EXPECT_EQ(learning.next(0).size(), 1u);  // no pace is known
  EXPECT_EQ(learning.next(0, 0.25).size(), 4u);
  EXPECT_EQ(learning.next(1).size(), 4u);         // the other's pace is the best guess
  EXPECT_EQ(learning.next(1, 1e-6).size(), 22u);  // of 91 left no more than half a share
  TaskHandout known(lists, loads, std::nullopt, {.most = 40, .seconds = 1.0, .pace = 0.005});
  EXPECT_EQ(known.next(0).size(), 40u);
  EXPECT_EQ(known.next(1).size(), 40u);
}

TEST(TaskHandout, EveryTaskGoesToOneOfManyThreadsOnce) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 engine(seed);
    const unsigned workers = 1 + engine() % 6;
    std::vector<double> loads(engine() % 300);
    for (double& load : loads) {
      load = static_cast<double>(1 + engine() % 100);
    }
    TaskHandout handout(assign_heaviest_first(loads, workers), loads, static_cast<double>(engine() % 11) / 10.0, {.most = 1 + engine() % 3, .seconds = {}});
    std::vector<std::vector<uint32_t>> got(workers);
    std::vector<std::thread> threads;
    for (unsigned worker = 0; worker < workers; ++worker) {
      threads.emplace_back([&, worker] {
        double seconds = 0;
        while (true) {
          const std::vector<uint32_t> tasks = handout.next(worker, seconds);
          if (tasks.empty()) {
            return;
          }
          got[worker].insert(got[worker].end(), tasks.begin(), tasks.end());
          seconds = 1e-6 * (worker + 1);
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    std::vector<uint32_t> all;
    for (const auto& tasks : got) {
      all.insert(all.end(), tasks.begin(), tasks.end());
    }
    std::ranges::sort(all);
    ASSERT_EQ(all.size(), loads.size());
    for (uint32_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(all[i], i);
    }
  }
}

}  // namespace
}  // namespace omega::compute
