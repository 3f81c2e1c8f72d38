// SPDX-License-Identifier: Apache-2.0
// Failures, cancellations and deadlines at every point of a run, at 1, 2 and 4 threads: what is thrown and told is what the sequential form
// would have thrown, nothing runs twice, and everything is usable afterwards.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "omega/task/fork_join.h"
#include "omega/task/parallel_for.h"
#include "omega/task/parallel_reduce.h"
#include "omega/task/parallel_scan.h"
#include "omega/task/parallel_sort.h"
#include "omega/task/task_group.h"

namespace omega::task {
namespace {

constexpr size_t points = 48;
constexpr unsigned thread_counts[] = {1, 2, 4};
constexpr Partition partitions[] = {Partition::lazy, Partition::fixed, Partition::guided};

struct Failure {
  size_t at;
};

/// The failure that `call` throws, or `points`.
template <class Call>
size_t failure_of(Call&& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return failure.at;
  }
  return points;
}

/// Where a run is stopped, and how.
enum class Stop : uint8_t { cancel, deadline };

/// A cancellation that stops when asked to: by a call, or by a deadline that the asking task waits for.
class Stopper {
 public:
  explicit Stopper(Stop how)
      : how_(how), cancellation_(how == Stop::deadline ? std::chrono::nanoseconds(50'000) : std::chrono::nanoseconds(std::chrono::hours(1))) {}
  void stop() {
    if (how_ == Stop::cancel) {
      cancellation_.cancel();
    }
    while (!cancellation_.requested()) {
    }
  }
  [[nodiscard]] const Cancellation& cancellation() const { return cancellation_; }
  [[nodiscard]] Outcome expected() const { return how_ == Stop::cancel ? Outcome::cancelled : Outcome::deadline_exceeded; }

 private:
  Stop how_;
  Cancellation cancellation_;
};

TEST(EveryPoint, FailuresOfLoops) {
  for (const unsigned threads : thread_counts) {
    Scheduler scheduler(threads);
    for (const Partition partition : partitions) {
      for (size_t at = 0; at <= points; ++at) {
        std::array<std::atomic<int>, points> runs{};
        const size_t thrown = failure_of([&] {
          parallel_for(scheduler, 0, points,
                       [&](size_t i) {
                         runs[i].fetch_add(1);
                         // Others above it fail as well.
                         if (i >= at && (i - at) % 5 == 0) {
                           throw Failure{i};
                         }
                       },
                       {.partition = partition, .grain = at % 2});
        });
        EXPECT_EQ(thrown, at);
        for (size_t i = 0; i < points; ++i) {
          EXPECT_LE(runs[i].load(), 1);
          EXPECT_TRUE(runs[i].load() == 1 || i > at);
        }
      }
    }
  }
}

TEST(EveryPoint, StopsOfLoops) {
  for (const unsigned threads : thread_counts) {
    Scheduler scheduler(threads);
    for (const Stop how : {Stop::cancel, Stop::deadline}) {
      for (const Partition partition : partitions) {
        for (size_t at = 0; at < points; ++at) {
          Stopper stopper(how);
          std::array<std::atomic<int>, points> runs{};
          const Outcome outcome = parallel_for(scheduler, 0, points,
                                               [&](size_t i) {
                                                 runs[i].fetch_add(1);
                                                 if (i == at) {
                                                   stopper.stop();
                                                 }
                                               },
                                               {.partition = partition, .grain = at % 2, .cancellation = &stopper.cancellation()});
          size_t total = 0;
          for (const auto& each : runs) {
            EXPECT_LE(each.load(), 1);
            total += static_cast<size_t>(each.load());
          }
          // The time may have come before anything began, or after all had.
          EXPECT_TRUE(outcome == stopper.expected() || (outcome == Outcome::done && total == points));
        }
      }
    }
  }
}

/// A tree of forks over [begin, end); `leaf(i)` for each.
void tree(Worker& worker, size_t begin, size_t end, const std::function<void(size_t)>& leaf) {
  if (end - begin == 1) {
    leaf(begin);
    return;
  }
  const size_t middle = begin + (end - begin) / 2;
  fork_join(worker, [&] { tree(*current_worker(), begin, middle, leaf); }, [&] { tree(*current_worker(), middle, end, leaf); });
}

TEST(EveryPoint, FailuresOfForks) {
  for (const unsigned threads : thread_counts) {
    Scheduler scheduler(threads);
    const Attachment attachment(scheduler);
    for (size_t at = 0; at <= points; ++at) {
      for (const size_t step : {size_t{1}, size_t{7}, points}) {
        std::array<std::atomic<int>, points> runs{};
        const size_t thrown = failure_of([&] {
          tree(attachment.worker(), 0, points, [&](size_t i) {
            runs[i].fetch_add(1);
            if (i >= at && (i - at) % step == 0) {
              throw Failure{i};
            }
          });
        });
        EXPECT_EQ(thrown, at);
        for (size_t i = 0; i < points; ++i) {
          EXPECT_LE(runs[i].load(), 1);
          EXPECT_TRUE(runs[i].load() == 1 || i > at);
        }
      }
    }
  }
}

TEST(EveryPoint, FailuresAndStopsOfGroups) {
  for (const unsigned threads : thread_counts) {
    Scheduler scheduler(threads);
    for (size_t at = 0; at <= points; ++at) {
      std::array<std::atomic<int>, points> runs{};
      TaskGroup group(scheduler);
      for (size_t i = 0; i < points; ++i) {
        group.run(
            [&, i] {
              runs[i].fetch_add(1);
              if (i >= at && (i - at) % 5 == 0) {
                throw Failure{i};
              }
            },
            static_cast<Priority>(i % 3));
      }
      EXPECT_EQ(failure_of([&] { group.wait(); }), at);
      for (size_t i = 0; i < points; ++i) {
        EXPECT_LE(runs[i].load(), 1);
        EXPECT_TRUE(runs[i].load() == 1 || i > at);
      }
      for (const Stop how : {Stop::cancel, Stop::deadline}) {
        Stopper stopper(how);
        TaskGroup stopped(scheduler, &stopper.cancellation());
        std::atomic<size_t> ran{0};
        for (size_t i = 0; i < points; ++i) {
          stopped.run([&, i] {
            ran.fetch_add(1);
            if (i == at) {
              stopper.stop();
            }
          });
        }
        const Outcome outcome = stopped.wait();
        EXPECT_LE(ran.load(), points);
        EXPECT_TRUE(outcome == stopper.expected() || (outcome == Outcome::done && ran.load() == points));
      }
    }
  }
}

TEST(EveryPoint, FailuresAndStopsOfReductionsAndScans) {
  for (const unsigned threads : thread_counts) {
    Scheduler scheduler(threads);
    std::vector<size_t> in(points);
    std::iota(in.begin(), in.end(), size_t{0});
    std::vector<size_t> out(points);
    for (size_t at = 0; at <= points; ++at) {
      const auto sum_to = [&](size_t begin, size_t end, size_t sum) {
        for (size_t i = begin; i < end; ++i) {
          if (i >= at) {
            throw Failure{i};
          }
          sum += i;
        }
        return sum;
      };
      size_t sum = 0;
      EXPECT_EQ(failure_of([&] { sum = parallel_reduce(scheduler, 0, points, size_t{0}, sum_to, std::plus<>()); }), at);
      EXPECT_EQ(sum, at == points ? points * (points - 1) / 2 : 0);
      const auto join = [&](size_t a, size_t b) {
        if (b == at && at > 0) {
          throw Failure{b};
        }
        return a + b;
      };
      if (at > 0) {
        const size_t thrown = failure_of([&] { parallel_scan(scheduler, std::span<const size_t>(in), std::span(out), size_t{0}, join); });
        EXPECT_EQ(thrown, at);
      }
      for (const Stop how : {Stop::cancel, Stop::deadline}) {
        Stopper stopper(how);
        std::atomic<size_t> ran{0};
        Outcome outcome = Outcome::done;
        const size_t part = parallel_reduce(
            scheduler, 0, points, size_t{0},
            [&](size_t begin, size_t end, size_t count) {
              if (begin == at) {
                stopper.stop();
              }
              ran.fetch_add(end - begin);
              return count + (end - begin);
            },
            std::plus<>(), {.cancellation = &stopper.cancellation()}, &outcome);
        EXPECT_EQ(part, ran.load());
        EXPECT_TRUE(outcome == stopper.expected() || (outcome == Outcome::done && part == points));
      }
    }
  }
}

TEST(EveryPoint, FailuresOfSorting) {
  for (const unsigned threads : thread_counts) {
    Scheduler scheduler(threads);
    std::vector<uint32_t> values(10'000);
    for (size_t at = 0; at < 120'000; at += 5'003) {
      for (size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<uint32_t>(i * 7919 % values.size());
      }
      std::atomic<size_t> compared{0};
      const size_t thrown = failure_of([&] {
        parallel_sort(scheduler, std::span(values), [&](uint32_t a, uint32_t b) {
          if (compared.fetch_add(1) == at) {
            throw Failure{0};
          }
          return a < b;
        });
      });
      EXPECT_EQ(thrown, compared.load() > at ? 0 : points);
      // The scheduler is whole: the next one sorts.
      std::iota(values.rbegin(), values.rend(), 0u);
      parallel_sort(scheduler, std::span(values));
      EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
    }
  }
}

}  // namespace
}  // namespace omega::task
