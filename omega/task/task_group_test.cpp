// SPDX-License-Identifier: Apache-2.0
// Tests of task groups: every task once, nesting, exceptions, priorities, cancellation, deadlines.
#include "omega/task/task_group.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace omega::task {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

TEST(TaskGroup, EveryTaskRunsOnce) {
  for (const unsigned threads : {1u, 2u, 5u}) {
    Scheduler scheduler(threads);
    TaskGroup group(scheduler);
    std::vector<std::atomic<int>> runs(10000);
    for (int round = 1; round <= 3; ++round) {
      for (size_t i = 0; i < runs.size(); ++i) {
        group.run([&runs, i] { runs[i].fetch_add(1); }, static_cast<Priority>(i % 3));
      }
      EXPECT_EQ(group.wait(), Outcome::done);
      EXPECT_EQ(group.pending(), 0u);
      for (const auto& each : runs) {
        ASSERT_EQ(each.load(), round);
      }
    }
  }
}

TEST(TaskGroup, TasksSpawnTasks) {
  Scheduler scheduler(3);
  TaskGroup group(scheduler);
  std::atomic<int> count{0};
  const auto grow = [&](auto& self, int depth) -> void {
    count.fetch_add(1);
    if (depth > 0) {
      group.run([&self, depth] { self(self, depth - 1); });
      group.run([&self, depth] { self(self, depth - 1); });
    }
  };
  group.run([&] { grow(grow, 10); });
  group.wait();
  EXPECT_EQ(count.load(), (1 << 11) - 1);
}

TEST(TaskGroup, GroupsInTasksOfGroups) {
  Scheduler scheduler(2);
  TaskGroup outer(scheduler);
  std::atomic<int> count{0};
  for (int i = 0; i < 20; ++i) {
    outer.run([&] {
      TaskGroup inner;
      EXPECT_EQ(&Scheduler::current(), &scheduler);
      for (int k = 0; k < 20; ++k) {
        inner.run([&] { count.fetch_add(1); });
      }
      inner.wait();
    });
  }
  outer.wait();
  EXPECT_EQ(count.load(), 400);
}

TEST(TaskGroup, LargeAndMoveOnlyCapturesAreDestroyed) {
  const auto shared = std::make_shared<int>(7);
  {
    Scheduler scheduler(2);
    TaskGroup group(scheduler);
    std::array<char, 500> large{};
    large[499] = 3;
    std::atomic<int> sum{0};
    for (int i = 0; i < 100; ++i) {
      group.run([&sum, shared, large] { sum += *shared + large[499]; });
      group.run([&sum, own = std::make_unique<int>(i), shared] { sum += *own; });
    }
    group.wait();
    EXPECT_EQ(sum.load(), 100 * 10 + 4950);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(TaskGroup, TheEarliestFailureIsThrownAndTheGroupIsUsableAgain) {
  for (const unsigned threads : {1u, 2u, 4u}) {
    Scheduler scheduler(threads);
    TaskGroup group(scheduler);
    for (int round = 0; round < 100; ++round) {
      for (int i = 0; i < 40; ++i) {
        group.run([i] {
          if (i % 9 == 5) {
            throw std::runtime_error(std::to_string(i));
          }
        });
      }
      std::string message;
      try {
        group.wait();
      } catch (const std::runtime_error& error) {
        message = error.what();
      }
      EXPECT_EQ(message, "5");
    }
    int ran = 0;
    group.run([&] { ran = 1; });
    EXPECT_EQ(group.wait(), Outcome::done);
    EXPECT_EQ(ran, 1);
  }
}

TEST(TaskGroup, AFailureNobodyWaitsForIsDropped) {
  Scheduler scheduler(2);
  TaskGroup group(scheduler);
  group.run([] { throw 1; });
}

TEST(TaskGroup, HigherPriorityFirst) {
  Scheduler scheduler(1);
  TaskGroup group(scheduler);
  std::string order;
  group.run([&] { order += 'l'; }, Priority::low);
  group.run([&] { order += 'n'; });
  group.run([&] { order += 'h'; }, Priority::high);
  group.run([&] { order += 'H'; }, Priority::high);
  group.wait();
  EXPECT_EQ(order, "hHnl");
}

TEST(TaskGroup, CancelledTasksDoNotBegin) {
  Scheduler scheduler(1);
  Cancellation outer;
  TaskGroup group(scheduler, &outer);
  int ran = 0;
  for (int i = 0; i < 10; ++i) {
    group.run([&] {
      if (++ran == 3) {
        outer.cancel();
      }
    });
  }
  EXPECT_EQ(group.wait(), Outcome::cancelled);
  EXPECT_EQ(ran, 3);
}

TEST(TaskGroup, CancelFromOutsideEndsLongTasks) {
  Scheduler scheduler(2);
  TaskGroup group(scheduler);
  std::atomic<bool> begun{false};
  group.run([&] {
    begun = true;
    while (!group.cancellation().requested()) {
      std::this_thread::yield();
    }
  });
  std::thread canceller([&] {
    while (!begun.load()) {
      std::this_thread::yield();
    }
    group.cancel();
  });
  EXPECT_EQ(group.wait(), Outcome::cancelled);
  canceller.join();
}

TEST(TaskGroup, ADeadlineSkipsWhatHasNotBegun) {
  Scheduler scheduler(1);
  TaskGroup group(scheduler);
  bool ran = false;
  group.run([&] { ran = true; });
  group.run([&] {
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(2)) {
    }
  });
  EXPECT_EQ(group.wait_for(std::chrono::milliseconds(1)), Outcome::deadline_exceeded);
  EXPECT_FALSE(ran);
  group.run([&] { ran = true; });
  EXPECT_EQ(group.wait_for(hours(1)), Outcome::done);
  EXPECT_TRUE(ran);
}

TEST(TaskGroup, ADeadlineOfItsCancellation) {
  Scheduler scheduler(2);
  Cancellation passed(nanoseconds(0));
  TaskGroup group(scheduler, &passed);
  bool ran = false;
  group.run([&] { ran = true; });
  EXPECT_EQ(group.wait(), Outcome::deadline_exceeded);
  EXPECT_FALSE(ran);
}

TEST(TaskGroup, AGroupMadeInsideASchedulerBelongsToIt) {
  Scheduler scheduler(2);
  const Attachment attachment(scheduler);
  TaskGroup group;
  Scheduler* seen = nullptr;
  group.run([&] { seen = &Scheduler::current(); });
  group.wait();
  EXPECT_EQ(seen, &scheduler);
}

}  // namespace
}  // namespace omega::task
