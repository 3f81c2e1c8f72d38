// SPDX-License-Identifier: Apache-2.0
// Tests of what tasks share: maps, buffers, barriers, counters, lists of tasks, sizes of pools.
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "omega/task/barrier.h"
#include "omega/task/concurrent_map.h"
#include "omega/task/parallel_for.h"
#include "omega/task/progress_tracker.h"
#include "omega/task/task_pool.h"
#include "omega/task/thread_pool_config.h"
#include "omega/task/worker_local.h"

namespace omega::task {
namespace {

TEST(ConcurrentMap, OneThread) {
  ConcurrentMap<std::string, int> map(0, 4);
  EXPECT_EQ(map.find("a"), nullptr);
  EXPECT_TRUE(map.insert("a", 1));
  EXPECT_FALSE(map.insert("a", 2));
  EXPECT_EQ(*map.find("a"), 1);
  int* const at = map.find("a");
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(map.insert("key" + std::to_string(i), i));
  }
  EXPECT_EQ(map.find("a"), at);
  EXPECT_EQ(map.size(), 10'001u);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(*map.find("key" + std::to_string(i)), i);
  }
  int64_t sum = 0;
  map.for_each([&](const std::string&, const int& value) { sum += value; });
  EXPECT_EQ(sum, 1 + 9999 * 5000);
}

TEST(ConcurrentMap, ValuesAreMadeOnceAndDestroyed) {
  const auto counted = std::make_shared<int>(0);
  {
    ConcurrentMap<uint32_t, std::shared_ptr<int>> map;
    std::atomic<int> made{0};
    Scheduler scheduler(4);
    parallel_for(scheduler, 0, 40'000,
                 [&](size_t i) {
                   const auto key = static_cast<uint32_t>(i % 5000);
                   const auto [value, fresh] = map.get_or_insert(key, [&] {
                     made.fetch_add(1);
                     return counted;
                   });
                   EXPECT_EQ(value, counted);
                   EXPECT_EQ(map.find(key), &value);
                 },
                 {.grain = 100});
    EXPECT_EQ(made.load(), 5000);
    EXPECT_EQ(map.size(), 5000u);
    EXPECT_EQ(counted.use_count(), 5001);
  }
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(ConcurrentMap, SharedCachesOfACompiler) {
  struct SharedCaches {
    ConcurrentMap<uint32_t, uint32_t> types{4096, 32};
    ConcurrentMap<std::string, std::shared_ptr<const std::string>> templates{1024, 16};
    ConcurrentMap<uint32_t, std::vector<uint32_t>> imports{256, 8};
  };
  SharedCaches caches;
  Scheduler scheduler(3);
  parallel_for(scheduler, 0, 3000,
               [&](size_t i) {
                 const std::string signature = "map<" + std::to_string(i % 10) + ">";
                 caches.templates.get_or_insert(signature, [&] { return std::make_shared<const std::string>(signature + " compiled"); });
                 caches.types.insert(static_cast<uint32_t>(i % 100), static_cast<uint32_t>(i % 100 + 1));
                 caches.imports.get_or_insert(static_cast<uint32_t>(i % 7), [&] { return std::vector<uint32_t>(i % 7); });
               },
               {.grain = 10});
  EXPECT_EQ(caches.types.size(), 100u);
  EXPECT_EQ(caches.templates.size(), 10u);
  EXPECT_EQ(**caches.templates.find("map<3>"), "map<3> compiled");
  EXPECT_EQ(caches.imports.find(6)->size(), 6u);
}

TEST(WorkerLocal, EachWorkerHasItsOwnAndNothingIsLost) {
  Scheduler scheduler(4);
  WorkerLocal<uint64_t> sums(scheduler, [] { return uint64_t{0}; });
  parallel_for(scheduler, 0, 10'000, [&](size_t i) { sums.local() += i; }, {.grain = 50});
  uint64_t total = 0;
  sums.for_each([&](const uint64_t& sum) { total += sum; });
  EXPECT_EQ(total, 9999u * 5000u);
}

TEST(WorkerLocal, BuffersAndArenasKeepTheirMemory) {
  Scheduler scheduler(2);
  const Attachment attachment(scheduler);
  WorkerBuffers buffers(scheduler, [] {
    std::string buffer;
    buffer.reserve(64 * 1024);
    return buffer;
  });
  const char* const memory = buffers.local().data();
  for (int i = 0; i < 10; ++i) {
    buffers.local().clear();
    buffers.local().append(60'000, 'x');
    EXPECT_EQ(buffers.local().data(), memory);
  }
  WorkerArenas arenas(scheduler);
  EXPECT_EQ(arenas.local().copy("kept"), "kept");
}

TEST(Barrier, PhaseAfterPhase) {
  constexpr uint32_t count = 4;
  constexpr int phases = 200;
  Barrier barrier(count);
  std::vector<int> values(count, 0);
  std::atomic<int> last{0};
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < count; ++t) {
    threads.emplace_back([&, t] {
      for (int phase = 1; phase <= phases; ++phase) {
        values[t] = phase;
        last.fetch_add(barrier.arrive_and_wait() ? 1 : 0);
        for (const int value : values) {
          EXPECT_EQ(value, phase);
        }
        barrier.arrive_and_wait();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(last.load(), phases);
}

TEST(Barrier, WhoLeavesIsNotWaitedFor) {
  Barrier barrier(3);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&barrier, t] {
      for (int phase = 0; phase < 10 * (t + 1); ++phase) {
        barrier.arrive_and_wait();
      }
      barrier.arrive_and_drop();
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST(ProgressTracker, CountsFromAllThreads) {
  ProgressTracker tracker(100);
  Scheduler scheduler(3);
  parallel_for(scheduler, 0, 100,
               [&](size_t i) {
                 tracker.file_parsed();
                 if (i % 2 == 0) {
                   tracker.function_typed();
                 }
                 if (i % 4 == 0) {
                   tracker.function_generated();
                 }
               },
               {.grain = 1});
  tracker.files_found(3);
  EXPECT_EQ(tracker.progress(), (Progress{.parsed = 100, .typed = 50, .generated = 25, .total = 103}));
}

TEST(ThreadPoolConfig, AutoConfig) {
  EXPECT_EQ(ThreadPoolConfig::auto_config(8), (ThreadPoolConfig{16, 8, 7}));
  EXPECT_EQ(ThreadPoolConfig::auto_config(1), (ThreadPoolConfig{2, 1, 1}));
  EXPECT_EQ(ThreadPoolConfig::auto_config().check_threads, sys::cpu_count());
}

TEST(ThreadPoolConfig, ForProjectSize) {
  const ThreadPoolConfig small{2, 2, 2};
  const ThreadPoolConfig medium{8, 8, 4};
  const ThreadPoolConfig large{16, 8, 7};
  EXPECT_EQ(ThreadPoolConfig::for_project_size(9, 1'000'000, 8), small);
  EXPECT_EQ(ThreadPoolConfig::for_project_size(1000, 999, 8), small);
  EXPECT_EQ(ThreadPoolConfig::for_project_size(10, 1000, 8), medium);
  EXPECT_EQ(ThreadPoolConfig::for_project_size(99, 1'000'000, 8), medium);
  EXPECT_EQ(ThreadPoolConfig::for_project_size(1000, 9999, 8), medium);
  EXPECT_EQ(ThreadPoolConfig::for_project_size(100, 10'000, 8), large);
  EXPECT_EQ(ThreadPoolConfig::for_project_size(10, 1000, 1), (ThreadPoolConfig{1, 1, 1}));
}

TEST(ThreadPoolConfig, EachKindOfWorkInASchedulerOfItsSize) {
  const ThreadPoolConfig config = ThreadPoolConfig::for_project_size(5, 100);
  Scheduler parsing(config.parse_threads);
  Scheduler generating(config.codegen_threads);
  std::atomic<int> parsed{0};
  std::atomic<int> generated{0};
  parallel_for(parsing, 0, 20,
               [&](size_t) {
                 parsed.fetch_add(1);
                 parallel_for(generating, 0, 5, [&](size_t) { generated.fetch_add(1); }, {.grain = 1});
               },
               {.grain = 1});
  EXPECT_EQ(parsed.load(), 20);
  EXPECT_EQ(generated.load(), 100);
}

struct Module {
  int id;
};
struct Function {
  int id;
};
struct TraitImpl {
  int id;
};
using TypeCheckTask = std::variant<Module, Function, TraitImpl>;
using TypeCheckPool = TaskPool<TypeCheckTask>;

TEST(TaskPool, TypeCheckTasksGiveResultsInTheirOrder) {
  for (const unsigned threads : {1u, 2u, 4u}) {
    Scheduler scheduler(threads);
    TypeCheckPool pool(scheduler);
    std::vector<TypeCheckTask> tasks;
    for (int i = 0; i < 300; ++i) {
      tasks.push_back(i % 3 == 0 ? TypeCheckTask(Module{i}) : i % 3 == 1 ? TypeCheckTask(Function{i}) : TypeCheckTask(TraitImpl{i}));
    }
    pool.submit(tasks);
    pool.submit(TypeCheckTask(Module{300}));
    const std::vector<std::string> results = pool.run(
        [](const TypeCheckTask& task) { return std::to_string(task.index()) + ":" + std::visit([](const auto& t) { return std::to_string(t.id); }, task); });
    ASSERT_EQ(results.size(), 301u);
    for (size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i], std::to_string(i % 3) + ":" + std::to_string(i));
    }
    EXPECT_TRUE(pool.run([](const TypeCheckTask&) { return 0; }).empty());
  }
}

}  // namespace
}  // namespace omega::task
