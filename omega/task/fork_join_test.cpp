// SPDX-License-Identifier: Apache-2.0
// Tests of fork_join: results, nesting, exceptions, schedulers in schedulers.
#include "omega/task/fork_join.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace omega::task {
namespace {

uint64_t fib(Worker& worker, uint64_t n) {
  if (n < 2) {
    return n;
  }
  uint64_t a = 0;
  uint64_t b = 0;
  fork_join(worker, [&] { a = fib(*current_worker(), n - 1); }, [&] { b = fib(*current_worker(), n - 2); });
  return a + b;
}

TEST(ForkJoin, ComputesOverAnyNumberOfThreads) {
  for (const unsigned threads : {1u, 2u, 4u, 7u}) {
    Scheduler scheduler(threads);
    const Attachment attachment(scheduler);
    for (int round = 0; round < 5; ++round) {
      ASSERT_EQ(fib(attachment.worker(), 20), 6765u);
    }
  }
}

TEST(ForkJoin, BothCallsCanRunAtTheSameTime) {
  Scheduler scheduler(2);
  std::atomic<int> arrived{0};
  const auto meet = [&] {
    arrived.fetch_add(1);
    while (arrived.load() < 2) {
      std::this_thread::yield();
    }
  };
  fork_join(scheduler, meet, meet);
  EXPECT_EQ(arrived.load(), 2);
  EXPECT_EQ(scheduler.started_threads(), 1u);
}

TEST(ForkJoin, ManyCalls) {
  int a = 0;
  int b = 0;
  int c = 0;
  int d = 0;
  fork_join([&] { a = 1; }, [&] { b = 2; }, [&] { c = 3; }, [&] { d = 4; });
  EXPECT_EQ(a + b * 10 + c * 100 + d * 1000, 4321);
}

std::string message_of(Scheduler& scheduler, bool first_fails, bool second_fails) {
  try {
    fork_join(
        scheduler,
        [&] {
          if (first_fails) {
            throw std::runtime_error("first");
          }
        },
        [&] {
          if (second_fails) {
            throw std::runtime_error("second");
          }
        });
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(ForkJoin, TheLeftmostExceptionIsThrown) {
  for (const unsigned threads : {1u, 2u, 4u}) {
    Scheduler scheduler(threads);
    for (int round = 0; round < 100; ++round) {
      EXPECT_EQ(message_of(scheduler, false, false), "");
      EXPECT_EQ(message_of(scheduler, true, false), "first");
      EXPECT_EQ(message_of(scheduler, false, true), "second");
      EXPECT_EQ(message_of(scheduler, true, true), "first");
    }
  }
}

TEST(ForkJoin, AnExceptionPassesThroughAllLevels) {
  Scheduler scheduler(3);
  const auto descend = [&](auto& self, int depth) -> void {
    if (depth == 0) {
      throw std::runtime_error("bottom");
    }
    fork_join([&] { self(self, depth - 1); }, [&] { self(self, depth - 1); });
  };
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(
        {
          const Attachment attachment(scheduler);
          descend(descend, 8);
        },
        std::runtime_error);
  }
}

TEST(ForkJoin, FromManyThreadsAtOnce) {
  Scheduler scheduler(3);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const Attachment attachment(scheduler);
      for (int round = 0; round < 10; ++round) {
        if (fib(attachment.worker(), 15) == 610) {
          right.fetch_add(1);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(right.load(), 60);
}

TEST(ForkJoin, OneSchedulerInsideAnother) {
  Scheduler outer(2);
  Scheduler inner(2);
  std::atomic<int> sum{0};
  fork_join(
      outer, [&] { fork_join(inner, [&] { sum += 1; }, [&] { fork_join(outer, [&] { sum += 10; }, [&] { sum += 100; }); }); },
      [&] {
        EXPECT_EQ(&Scheduler::current(), &outer);
        sum += 1000;
      });
  EXPECT_EQ(sum.load(), 1111);
  EXPECT_EQ(current_worker(), nullptr);
}

}  // namespace
}  // namespace omega::task
