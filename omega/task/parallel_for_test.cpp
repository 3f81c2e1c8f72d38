// SPDX-License-Identifier: Apache-2.0
// Tests of parallel_for: each index once however it is divided, failures, cancellation, nesting.
#include "omega/task/parallel_for.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace omega::task {
namespace {

constexpr Partition partitions[] = {Partition::lazy, Partition::fixed, Partition::guided};

TEST(ParallelFor, EachIndexOnce) {
  for (const unsigned threads : {1u, 2u, 4u, 7u}) {
    Scheduler scheduler(threads);
    for (const Partition partition : partitions) {
      for (const size_t grain : {size_t{0}, size_t{1}, size_t{10}, size_t{1000}}) {
        for (const size_t count : {size_t{0}, size_t{1}, size_t{2}, size_t{3}, size_t{64}, size_t{1000}, size_t{20001}}) {
          std::vector<std::atomic<uint8_t>> runs(count + 5);
          parallel_for(scheduler, 5, count + 5, [&](size_t i) { runs[i].fetch_add(1, std::memory_order_relaxed); }, {.partition = partition, .grain = grain});
          parallel_for(scheduler, 5, count + 5,
                       [&](size_t begin, size_t end) {
                         for (size_t i = begin; i < end; ++i) {
                           runs[i].fetch_add(1, std::memory_order_relaxed);
                         }
                       },
                       {.partition = partition, .grain = grain});
          for (size_t i = 0; i < runs.size(); ++i) {
            ASSERT_EQ(runs[i].load(), i < 5 ? 0 : 2) << i << " of " << count;
          }
        }
      }
    }
  }
}

TEST(ParallelFor, ASmallLoopStaysOnItsThread) {
  Scheduler scheduler(4);
  std::vector<uint32_t> values(1000);
  for (int round = 0; round < 100; ++round) {
    parallel_for(scheduler, 0, values.size(), [&](size_t i) { values[i] += 1; });
  }
  EXPECT_EQ(values[999], 100u);
  EXPECT_LE(scheduler.started_threads(), 3u);
}

TEST(ParallelFor, HeldUpPiecesLoseTheirRestToOthers) {
  Scheduler scheduler(2);
  std::atomic<int> done{0};
  // Iteration 0 ends only when all others have run.
  parallel_for(scheduler, 0, 50,
               [&](size_t i) {
                 if (i == 0) {
                   while (done.load() < 49) {
                     std::this_thread::yield();
                   }
                 }
                 done.fetch_add(1);
               },
               {.grain = 1});
  EXPECT_EQ(done.load(), 50);
}

TEST(ParallelFor, TheLowestFailingIterationIsThrown) {
  for (const unsigned threads : {1u, 2u, 4u}) {
    Scheduler scheduler(threads);
    for (const Partition partition : partitions) {
      for (int round = 0; round < 30; ++round) {
        std::string message;
        std::atomic<int> below{0};
        try {
          parallel_for(scheduler, 0, 2000,
                       [&](size_t i) {
                         if (i % 300 == 299) {
                           throw std::runtime_error(std::to_string(i));
                         }
                         below.fetch_add(i < 299 ? 1 : 0);
                       },
                       {.partition = partition, .grain = round % 3 == 0 ? size_t{1} : size_t{0}});
        } catch (const std::runtime_error& error) {
          message = error.what();
        }
        EXPECT_EQ(message, "299");
        EXPECT_EQ(below.load(), 299);
      }
    }
  }
}

TEST(ParallelFor, CancellationAtAnyPoint) {
  Scheduler scheduler(2);
  for (const Partition partition : {Partition::lazy, Partition::guided}) {
    for (size_t at = 0; at < 200; at += 17) {
      Cancellation cancellation;
      std::vector<std::atomic<int>> runs(200);
      const Outcome outcome = parallel_for(scheduler, 0, 200,
                                           [&](size_t i) {
                                             runs[i].fetch_add(1);
                                             if (i == at) {
                                               cancellation.cancel();
                                             }
                                           },
                                           {.partition = partition, .grain = 1, .cancellation = &cancellation});
      for (const auto& each : runs) {
        EXPECT_LE(each.load(), 1);
      }
      EXPECT_EQ(runs[at].load(), 1);
      // Where all had begun before the request there was nothing left to cancel.
      size_t total = 0;
      for (const auto& each : runs) {
        total += static_cast<size_t>(each.load());
      }
      EXPECT_EQ(outcome, total == 200 ? Outcome::done : Outcome::cancelled);
    }
  }
}

TEST(ParallelFor, ADeadlineThatHasPassed) {
  Scheduler scheduler(2);
  const Cancellation passed(std::chrono::nanoseconds(0));
  for (const Partition partition : partitions) {
    bool ran = false;
    EXPECT_EQ(parallel_for(scheduler, 0, 100, [&](size_t) { ran = true; }, {.partition = partition, .cancellation = &passed}), Outcome::deadline_exceeded);
    EXPECT_FALSE(ran);
  }
}

TEST(ParallelFor, LoopsInLoops) {
  Scheduler scheduler(3);
  std::atomic<size_t> total{0};
  parallel_for(scheduler, 0, 30, [&](size_t) {
    EXPECT_EQ(&Scheduler::current(), &scheduler);
    parallel_for(0, 40, [&](size_t) { total.fetch_add(1, std::memory_order_relaxed); }, {.partition = Partition::guided});
  });
  EXPECT_EQ(total.load(), 1200u);
}

TEST(ParallelFor, LoopsFromSeveralThreads) {
  Scheduler scheduler(2);
  std::atomic<size_t> total{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        parallel_for(scheduler, 0, 50, [&](size_t) { total.fetch_add(1, std::memory_order_relaxed); }, {.grain = 1});
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(total.load(), 4u * 100 * 50);
}

}  // namespace
}  // namespace omega::task
