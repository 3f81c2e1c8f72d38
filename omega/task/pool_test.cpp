// SPDX-License-Identifier: Apache-2.0
// Tests of the pool: each index once, balance, nesting, failures, and no threads where none are needed.
#include "omega/task/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "omega/sys/environment.h"
#include "omega/sys/files.h"

namespace omega::task {
namespace {

size_t thread_count_of_process() { return sys::real_files().list_folder("/proc/self/task").value().size(); }

TEST(Pool, EachIndexRunsExactlyOnce) {
  for (const unsigned threads : {1u, 2u, 3u, 8u}) {
    Pool pool(threads);
    for (const size_t count : {0u, 1u, 2u, 7u, 1000u, 100003u}) {
      for (const size_t grain : {0u, 1u, 3u, 1000u}) {
        std::vector<std::atomic<uint8_t>> runs(count);
        pool.parallel_for(count, grain, [&](size_t begin, size_t end, unsigned worker) {
          EXPECT_LT(worker, threads);
          EXPECT_LE(end - begin, std::max<size_t>(grain, 1));
          for (size_t i = begin; i < end; ++i) {
            runs[i].fetch_add(1, std::memory_order_relaxed);
          }
        });
        for (const auto& run : runs) {
          ASSERT_EQ(run.load(), 1);
        }
      }
    }
  }
}

TEST(Pool, ManyShortLoopsBackToBack) {
  Pool pool(4);
  std::vector<uint32_t> sums(4 * 16);
  for (int round = 0; round < 5000; ++round) {
    pool.parallel_for(16, 1, [&](size_t begin, size_t end, unsigned worker) { sums[worker * 16] += static_cast<uint32_t>(end - begin); });
  }
  EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), 0u), 80000u);
}

TEST(Pool, NoThreadWhereNoneIsNeeded) {
  const size_t before = thread_count_of_process();
  Pool alone(1);
  alone.parallel_for(1000, 1, [](size_t, size_t, unsigned) {});
  Pool four(4);
  four.parallel_for(10, 10, [](size_t, size_t, unsigned) {});
  EXPECT_EQ(thread_count_of_process(), before);
  four.parallel_for(10, 1, [](size_t, size_t, unsigned) {});
  EXPECT_EQ(thread_count_of_process(), before + 3);
}

TEST(Pool, AWorkerThatIsHeldUpLosesItsRestToOthers) {
  Pool pool(2);
  std::atomic<int> done{0};
  // Piece 0 ends only when all others have run, those of its own worker's share included.
  pool.parallel_for(100, 1, [&](size_t begin, size_t, unsigned) {
    if (begin == 0) {
      while (done.load() < 99) {
        std::this_thread::yield();
      }
    }
    done.fetch_add(1);
  });
  EXPECT_EQ(done.load(), 100);
}

TEST(Pool, ALoopInsideALoopRunsOnItsWorker) {
  Pool pool(3);
  std::atomic<size_t> total{0};
  pool.parallel_for(20, 1, [&](size_t, size_t, unsigned outer) {
    pool.parallel_for(30, 4, [&](size_t begin, size_t end, unsigned inner) {
      EXPECT_EQ(inner, outer);
      total.fetch_add(end - begin);
    });
  });
  EXPECT_EQ(total.load(), 600u);
}

TEST(Pool, ALoopOfOnePieceLeavesTheWorkersToTheLoopsInsideIt) {
  Pool pool(2);
  std::set<unsigned> workers;
  std::atomic<int> arrived{0};
  std::mutex mutex;
  pool.parallel_for(1, 1, [&](size_t, size_t, unsigned) {
    pool.parallel_for(2, 1, [&](size_t, size_t, unsigned worker) {
      arrived.fetch_add(1);
      while (arrived.load() < 2) {
        std::this_thread::yield();
      }
      const std::lock_guard lock(mutex);
      workers.insert(worker);
    });
  });
  EXPECT_EQ(workers, (std::set<unsigned>{0, 1}));
}

TEST(Pool, ALoopOfAnotherPoolInsideALoop) {
  Pool outer(4);
  Pool inner(2);
  std::atomic<size_t> total{0};
  outer.parallel_for(8, 1, [&](size_t, size_t, unsigned) {
    inner.parallel_for(10, 1, [&](size_t, size_t, unsigned worker) {
      EXPECT_LT(worker, 2u);
      total.fetch_add(1);
    });
  });
  EXPECT_EQ(total.load(), 80u);
}

TEST(Pool, LoopsFromSeveralThreadsDoNotMix) {
  Pool pool(2);
  std::vector<std::thread> callers;
  std::atomic<size_t> total{0};
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        pool.parallel_for(50, 1, [&](size_t, size_t, unsigned) { total.fetch_add(1, std::memory_order_relaxed); });
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(total.load(), 4u * 200 * 50);
}

TEST(Pool, TheLowestFailingPieceIsReported) {
  for (const unsigned threads : {2u, 5u}) {
    Pool pool(threads);
    for (int round = 0; round < 50; ++round) {
      std::atomic<int> runs{0};
      std::string message;
      try {
        pool.parallel_for(64, 1, [&](size_t begin, size_t, unsigned) {
          runs.fetch_add(1);
          if (begin % 10 == 7) {
            throw std::runtime_error(std::to_string(begin));
          }
        });
      } catch (const std::runtime_error& error) {
        message = error.what();
      }
      EXPECT_EQ(message, "7");
      EXPECT_GE(runs.load(), 8);
    }
  }
}

TEST(Pool, ZeroMeansEveryProcessor) { EXPECT_EQ(Pool(0).threads(), sys::cpu_count()); }

}  // namespace
}  // namespace omega::task
