// SPDX-License-Identifier: Apache-2.0
// Tests of parallel_pieces: each index once in pieces of the grain, numbers of participants, balance, nesting, failures, no threads where none are needed.
#include "omega/task/parallel_pieces.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "omega/sys/files.h"

namespace omega::task {
namespace {

size_t thread_count_of_process() { return sys::real_files().list_folder("/proc/self/task").value().size(); }

/// Which participants of a loop are at work; says when two threads have one number.
class Numbers {
 public:
  explicit Numbers(unsigned threads) : busy_(threads) {}
  void enter(uint32_t participant) {
    ASSERT_LT(participant, busy_.size());
    EXPECT_FALSE(busy_[participant].exchange(true));
  }
  void leave(uint32_t participant) { busy_[participant].store(false); }

 private:
  std::vector<std::atomic<bool>> busy_;
};

TEST(ParallelPieces, EachIndexOnceInPiecesOfTheGrain) {
  for (const unsigned threads : {1u, 2u, 3u, 8u}) {
    Scheduler scheduler(threads);
    for (const size_t count : {0u, 1u, 2u, 7u, 1000u, 100003u}) {
      for (const size_t grain : {0u, 1u, 3u, 1000u}) {
        std::vector<std::atomic<uint8_t>> runs(count);
        Numbers numbers(threads);
        const size_t size = std::max<size_t>(grain, 1);
        parallel_pieces(scheduler, count, grain, [&](size_t begin, size_t end, uint32_t participant) {
          numbers.enter(participant);
          EXPECT_EQ(begin % size, 0u);
          EXPECT_EQ(end, std::min(begin + size, count));
          for (size_t i = begin; i < end; ++i) {
            runs[i].fetch_add(1, std::memory_order_relaxed);
          }
          numbers.leave(participant);
        });
        for (const auto& run : runs) {
          ASSERT_EQ(run.load(), 1);
        }
      }
    }
  }
}

TEST(ParallelPieces, TheLastPieceOfTheLargestRanges) {
  Scheduler scheduler(1);
  size_t last = 0;
  int pieces = 0;
  parallel_pieces(scheduler, SIZE_MAX, SIZE_MAX / 2, [&](size_t begin, size_t end, uint32_t) {
    EXPECT_EQ(begin, last);
    last = end;
    ++pieces;
  });
  EXPECT_EQ(last, SIZE_MAX);
  EXPECT_EQ(pieces, 3);
}

TEST(ParallelPieces, ManyShortLoopsBackToBack) {
  Scheduler scheduler(4);
  std::vector<uint32_t> sums(4 * 16);
  for (int round = 0; round < 5000; ++round) {
    parallel_pieces(scheduler, 16, 1, [&](size_t begin, size_t end, uint32_t participant) { sums[participant * 16] += static_cast<uint32_t>(end - begin); });
  }
  EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), 0u), 80000u);
}

TEST(ParallelPieces, NoThreadWhereNoneIsNeeded) {
  const size_t before = thread_count_of_process();
  Scheduler alone(1);
  parallel_pieces(alone, 1000, 1, [](size_t, size_t, uint32_t participant) { EXPECT_EQ(participant, 0u); });
  Scheduler four(4);
  parallel_pieces(four, 10, 10, [](size_t, size_t, uint32_t participant) { EXPECT_EQ(participant, 0u); });
  EXPECT_EQ(four.started_threads(), 0u);
  EXPECT_EQ(thread_count_of_process(), before);
}

TEST(ParallelPieces, AllThreadsComeToALongLoop) {
  Scheduler scheduler({.threads = 4, .affinity = Affinity::apart, .processors = {}, .name = "apart"});
  for (int round = 0; round < 20; ++round) {
    std::set<uint32_t> participants;
    std::atomic<int> arrived{0};
    std::mutex mutex;
    // Each piece ends only when four have begun.
    parallel_pieces(scheduler, 4, 1, [&](size_t, size_t, uint32_t participant) {
      arrived.fetch_add(1);
      while (arrived.load() < 4) {
        std::this_thread::yield();
      }
      const std::lock_guard lock(mutex);
      participants.insert(participant);
    });
    EXPECT_EQ(participants, (std::set<uint32_t>{0, 1, 2, 3}));
    EXPECT_EQ(scheduler.started_threads(), 3u);
    while (scheduler.someone_searches()) {
      std::this_thread::yield();
    }
  }
}

TEST(ParallelPieces, AThreadThatIsHeldUpLosesItsRestToOthers) {
  Scheduler scheduler(2);
  std::atomic<int> done{0};
  // Piece 0 ends only when all others have run, those of its own thread's share included.
  parallel_pieces(scheduler, 100, 1, [&](size_t begin, size_t, uint32_t) {
    if (begin == 0) {
      while (done.load() < 99) {
        std::this_thread::yield();
      }
    }
    done.fetch_add(1);
  });
  EXPECT_EQ(done.load(), 100);
}

TEST(ParallelPieces, LoopsInPieces) {
  Scheduler scheduler(3);
  std::atomic<size_t> total{0};
  Numbers outer(3);
  parallel_pieces(scheduler, 20, 1, [&](size_t, size_t, uint32_t outer_participant) {
    outer.enter(outer_participant);
    Numbers inner(3);
    parallel_pieces(scheduler, 30, 4, [&](size_t begin, size_t end, uint32_t inner_participant) {
      inner.enter(inner_participant);
      total.fetch_add(end - begin);
      inner.leave(inner_participant);
    });
    outer.leave(outer_participant);
  });
  EXPECT_EQ(total.load(), 600u);
}

TEST(ParallelPieces, LoopsOfAnotherSchedulerInPieces) {
  Scheduler outer(4);
  Scheduler inner(2);
  std::atomic<size_t> total{0};
  parallel_pieces(outer, 8, 1, [&](size_t, size_t, uint32_t) {
    parallel_pieces(inner, 10, 1, [&](size_t, size_t, uint32_t participant) {
      EXPECT_LT(participant, 2u);
      total.fetch_add(1);
    });
  });
  EXPECT_EQ(total.load(), 80u);
}

TEST(ParallelPieces, LoopsFromSeveralThreads) {
  Scheduler scheduler(2);
  std::vector<std::thread> callers;
  std::atomic<size_t> total{0};
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        Numbers numbers(2);
        parallel_pieces(scheduler, 50, 1, [&](size_t, size_t, uint32_t participant) {
          numbers.enter(participant);
          total.fetch_add(1, std::memory_order_relaxed);
          numbers.leave(participant);
        });
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(total.load(), 4u * 200 * 50);
}

TEST(ParallelPieces, TheLowestFailingPieceIsThrown) {
  for (const unsigned threads : {1u, 2u, 5u}) {
    Scheduler scheduler(threads);
    for (int round = 0; round < 50; ++round) {
      std::atomic<int> below{0};
      std::string message;
      try {
        parallel_pieces(scheduler, 64, 1, [&](size_t begin, size_t, uint32_t) {
          below.fetch_add(begin < 7 ? 1 : 0);
          if (begin % 10 == 7) {
            throw std::runtime_error(std::to_string(begin));
          }
        });
      } catch (const std::runtime_error& error) {
        message = error.what();
      }
      EXPECT_EQ(message, "7");
      EXPECT_EQ(below.load(), 7);
    }
  }
}

TEST(ParallelPieces, ALentSchedulerRunsTasksByNumber) {
  for (const unsigned threads : {1u, 3u}) {
    Scheduler scheduler(threads);
    const base::RunTasks run = lend(scheduler, 4);
    std::vector<std::atomic<uint8_t>> runs(1003);
    run(runs.size(), [&](size_t i) { runs[i].fetch_add(1, std::memory_order_relaxed); });
    for (const auto& each : runs) {
      ASSERT_EQ(each.load(), 1);
    }
    EXPECT_THROW(run(100, [](size_t i) { i == 50 ? throw std::runtime_error("50") : void(); }), std::runtime_error);
  }
}

}  // namespace
}  // namespace omega::task
