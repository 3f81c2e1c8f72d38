// SPDX-License-Identifier: Apache-2.0
// Tests of schedulers as a whole: when threads start and sleep, where they run, what outside work gets.
#include "omega/task/scheduler.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "omega/task/fork_join.h"
#include "omega/task/parallel_for.h"
#include "omega/task/task_group.h"

namespace omega::task {
namespace {

/// Two calls that meet, so that two threads must run them.
void meet(Scheduler& scheduler) {
  std::atomic<int> arrived{0};
  const auto call = [&] {
    arrived.fetch_add(1);
    while (arrived.load() < 2) {
      std::this_thread::yield();
    }
  };
  fork_join(scheduler, call, call);
}

TEST(Scheduler, ThreadsStartWhenThereIsWorkForThem) {
  Scheduler scheduler(8);
  EXPECT_EQ(scheduler.threads(), 8u);
  EXPECT_EQ(scheduler.started_threads(), 0u);
  int ran = 0;
  TaskGroup group(scheduler);
  parallel_for(scheduler, 0, 1, [&](size_t) { ran += 1; });
  EXPECT_EQ(scheduler.started_threads(), 0u);
  meet(scheduler);
  EXPECT_GE(scheduler.started_threads(), 1u);
  EXPECT_EQ(ran, 1);
}

TEST(Scheduler, ThreadsSleepWhenThereIsNothingToDo) {
  Scheduler scheduler(4);
  for (int round = 0; round < 20; ++round) {
    meet(scheduler);
    // Ends: whoever searches gives up after its time.
    while (scheduler.someone_searches()) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(scheduler.someone_sleeps());
  }
}

/// Processor time of all threads of the process so far [microseconds].
int64_t processor_us() {
  rusage used;
  EXPECT_EQ(getrusage(RUSAGE_SELF, &used), 0);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * int64_t{1000000} + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

TEST(Scheduler, AProcessThatIdlesBetweenLoopsUsesNoProcessor) {
  Scheduler scheduler(4);
  std::vector<uint32_t> values(3000);
  int64_t used = 0;
  constexpr int pauses = 10;
  for (int pause = 0; pause < pauses; ++pause) {
    // Loops so short, and so close to each other, that a second thread is kept awake for them.
    for (int loop = 0; loop < 500; ++loop) {
      parallel_for(scheduler, 0, values.size(), [&](size_t i) { values[i] += 1; });
    }
    meet(scheduler);
    while (scheduler.someone_searches()) {
      std::this_thread::yield();
    }
    const int64_t before = processor_us();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    used += processor_us() - before;
  }
  EXPECT_EQ(values[2999], 500u * pauses);
  // One thread that looks on all the time would use 200,000.
  EXPECT_LT(used, 100000);
}

TEST(Scheduler, ThreadsRunOnTheirProcessorsWithTheirName) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  unsigned processor = 0;
  while (!CPU_ISSET(processor, &allowed)) {
    ++processor;
  }
  Scheduler bound(SchedulerOptions{.threads = 3, .affinity = Affinity::processor, .processors = {processor}, .name = "bound-to-one"});
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int> inside{0};
  const auto look = [&] {
    inside.fetch_add(1);
    while (inside.load() < 3) {
      std::this_thread::yield();
    }
    if (std::this_thread::get_id() != caller) {
      cpu_set_t own;
      CPU_ZERO(&own);
      EXPECT_EQ(::pthread_getaffinity_np(::pthread_self(), sizeof own, &own), 0);
      EXPECT_EQ(CPU_COUNT(&own), 1);
      EXPECT_TRUE(CPU_ISSET(processor, &own));
      char name[16];
      EXPECT_EQ(::pthread_getname_np(::pthread_self(), name, sizeof name), 0);
      EXPECT_STREQ(name, "bound-to-one");
    }
  };
  TaskGroup group(bound);
  for (int i = 0; i < 3; ++i) {
    group.run(look);
  }
  group.wait();
  // The caller's own affinity is as it was.
  cpu_set_t after;
  CPU_ZERO(&after);
  ASSERT_EQ(::sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&after, &allowed));
}

TEST(Scheduler, ThreadsThatBeginApartAreFreeAfterwards) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  Scheduler scheduler(SchedulerOptions{.threads = 3, .affinity = Affinity::apart, .processors = {}, .name = "apart"});
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> inside{0};
    TaskGroup group(scheduler);
    for (int i = 0; i < 3; ++i) {
      group.run([&] {
        inside.fetch_add(1);
        while (inside.load() < 3) {
          std::this_thread::yield();
        }
        cpu_set_t own;
        CPU_ZERO(&own);
        EXPECT_EQ(::pthread_getaffinity_np(::pthread_self(), sizeof own, &own), 0);
        EXPECT_TRUE(CPU_EQUAL(&own, &allowed));
      });
    }
    group.wait();
    // The next round wakes them.
    while (scheduler.someone_searches()) {
      std::this_thread::yield();
    }
  }
}

TEST(Scheduler, WorkFromOutsideIsNotStarvedByWorkInADeque) {
  Scheduler scheduler(1);
  TaskGroup endless(scheduler);
  TaskGroup outside(scheduler);
  std::atomic<bool> came{false};
  // Each task spawns the next into the deque of the only worker until the posted job has run.
  struct Posted : Job {
    explicit Posted(std::atomic<bool>& f) : Job([](Job& job, Worker&) noexcept { static_cast<Posted&>(job).flag.store(true); }), flag(f) {}
    std::atomic<bool>& flag;
  } posted(came);
  uint64_t spawned = 0;
  const auto next = [&](const auto& self) -> void {
    ++spawned;
    if (!came.load()) {
      endless.run([&self] { self(self); });
    }
  };
  endless.run([&] { next(next); });
  scheduler.post(posted);
  endless.wait();
  EXPECT_TRUE(came.load());
  EXPECT_LE(spawned, 200u);
}

TEST(Scheduler, PrioritiesOfWorkFromOutside) {
  Scheduler scheduler(1);
  std::string order;
  struct Letter : Job {
    Letter(std::string& o, char l)
        : Job([](Job& job, Worker&) noexcept { static_cast<Letter&>(job).order += static_cast<Letter&>(job).letter; }), order(o), letter(l) {}
    std::string& order;
    char letter;
  };
  Letter low(order, 'l'), normal(order, 'n'), high(order, 'h'), last(order, 'L');
  scheduler.post(low, Priority::low);
  scheduler.post(normal);
  scheduler.post(high, Priority::high);
  scheduler.post(last, Priority::low);
  TaskGroup group(scheduler);
  group.run([] {}, Priority::low);
  group.wait();
  EXPECT_EQ(order, "hnlL");
}

TEST(Scheduler, ManySchedulersAtOnceKeepTheirWorkApart) {
  std::vector<std::unique_ptr<Scheduler>> schedulers;
  for (unsigned i = 0; i < 6; ++i) {
    schedulers.push_back(std::make_unique<Scheduler>(1 + i % 3));
  }
  std::vector<std::thread> callers;
  std::atomic<int> strangers{0};
  for (int caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&, caller] {
      for (size_t round = 0; round < 60; ++round) {
        Scheduler& mine = *schedulers[(round + static_cast<size_t>(caller)) % schedulers.size()];
        parallel_for(mine, 0, 20,
                     [&](size_t) {
                       if (&Scheduler::current() != &mine && current_worker() != nullptr) {
                         strangers.fetch_add(1);
                       }
                     },
                     {.grain = 1});
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(strangers.load(), 0);
}

TEST(Scheduler, MoreOutsideThreadsThanPlacesAreToldSo) {
  Scheduler scheduler(1);
  // One thread can hold many places by nesting schedulers; here each thread holds one.
  const uint32_t places = scheduler.slot_limit();
  std::vector<std::thread> threads;
  std::atomic<uint32_t> inside{0};
  std::atomic<uint32_t> refused{0};
  std::atomic<bool> leave{false};
  for (uint32_t i = 0; i < places + 3; ++i) {
    threads.emplace_back([&] {
      try {
        const Attachment attachment(scheduler);
        inside.fetch_add(1);
        leave.wait(false);
      } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::resource_unavailable_try_again);
        refused.fetch_add(1);
      }
    });
  }
  while (inside.load() + refused.load() < places + 3) {
    std::this_thread::yield();
  }
  leave = true;
  leave.notify_all();
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(inside.load(), places);
  EXPECT_EQ(refused.load(), 3u);
}

}  // namespace
}  // namespace omega::task
