// SPDX-License-Identifier: Apache-2.0
// Tests that reductions, scans and sorting give the same bits at 1, 2, 4 and 7 threads, again and again, and the right ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "omega/task/parallel_reduce.h"
#include "omega/task/parallel_scan.h"
#include "omega/task/parallel_sort.h"

namespace omega::task {
namespace {

constexpr unsigned thread_counts[] = {1, 2, 4, 7};
constexpr int repeats = 100;

/// Numbers whose sum depends on the order of additions.
std::vector<double> awkward_numbers(size_t count) {
  std::mt19937_64 random(5);
  std::vector<double> numbers(count);
  for (double& x : numbers) {
    x = std::ldexp(static_cast<double>(random() % 2'000'001) - 1e6, static_cast<int>(random() % 60) - 30);
  }
  return numbers;
}

double sum_of(Scheduler& scheduler, const std::vector<double>& numbers) {
  return parallel_reduce(
      scheduler, 0, numbers.size(), 0.0,
      [&](size_t begin, size_t end, double sum) {
        for (size_t i = begin; i < end; ++i) {
          sum += numbers[i];
        }
        return sum;
      },
      std::plus<>());
}

TEST(Grid, CoversEveryIndexOnceInAtMost1025Blocks) {
  for (const size_t count : {0u, 1u, 2u, 127u, 128u, 129u, 16384u, 16385u, 131072u, 131073u, 1'000'000u, 1'048'577u}) {
    const Grid grid(count);
    EXPECT_LE(grid.blocks(), 1025u);
    size_t at = 0;
    for (size_t b = 0; b < grid.blocks(); ++b) {
      EXPECT_EQ(grid.begin(b), at);
      EXPECT_GT(grid.end(b), at);
      at = grid.end(b);
    }
    EXPECT_EQ(at, count);
  }
}

TEST(ParallelReduce, SameBitsAtEveryThreadCountAndInEveryRun) {
  for (const size_t count : {1u, 100u, 5000u, 200'001u}) {
    const std::vector<double> numbers = awkward_numbers(count);
    Scheduler alone(1);
    const auto expected = std::bit_cast<uint64_t>(sum_of(alone, numbers));
    for (const unsigned threads : thread_counts) {
      Scheduler scheduler(threads);
      for (int round = 0; round < repeats; ++round) {
        ASSERT_EQ(std::bit_cast<uint64_t>(sum_of(scheduler, numbers)), expected);
      }
    }
  }
}

TEST(ParallelReduce, JoinsFromLeftToRight) {
  Scheduler scheduler(4);
  const std::string text = parallel_reduce(
      scheduler, 10, 1010, std::string(),
      [](size_t begin, size_t end, std::string part) {
        for (size_t i = begin; i < end; ++i) {
          part += static_cast<char>('a' + i % 26);
        }
        return part;
      },
      [](std::string a, const std::string& b) { return std::move(a) + b; });
  ASSERT_EQ(text.size(), 1000u);
  for (size_t i = 0; i < text.size(); ++i) {
    ASSERT_EQ(text[i], static_cast<char>('a' + (i + 10) % 26));
  }
}

TEST(ParallelReduce, EmptyBoolFailureAndCancellation) {
  Scheduler scheduler(2);
  EXPECT_EQ(parallel_reduce(scheduler, 5, 5, 42, [](size_t, size_t, int) { return 0; }, std::plus<>()), 42);
  EXPECT_TRUE(parallel_reduce(scheduler, 0, 1000, true, [](size_t b, size_t e, bool all) { return all && b < e; }, std::logical_and<>()));
  try {
    parallel_reduce(
        scheduler, 0, 100, 0,
        [](size_t begin, size_t, int) -> int {
          if (begin >= 30) {
            throw std::runtime_error(std::to_string(begin));
          }
          return 0;
        },
        std::plus<>());
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "30");
  }
  Cancellation cancellation;
  cancellation.cancel();
  Outcome outcome = Outcome::done;
  EXPECT_EQ(parallel_reduce(
                scheduler, 0, 100, 0, [](size_t b, size_t e, int s) { return s + static_cast<int>(e - b); }, std::plus<>(), {.cancellation = &cancellation},
                &outcome),
            0);
  EXPECT_EQ(outcome, Outcome::cancelled);
}

TEST(ParallelScan, SameBitsAtEveryThreadCountAndInEveryRun) {
  const std::vector<double> numbers = awkward_numbers(20'011);
  std::vector<double> expected(numbers.size());
  std::vector<double> out(numbers.size());
  Scheduler alone(1);
  parallel_scan(alone, std::span<const double>(numbers), std::span(expected), 0.0, std::plus<>());
  for (const unsigned threads : thread_counts) {
    Scheduler scheduler(threads);
    for (int round = 0; round < repeats; ++round) {
      parallel_scan(scheduler, std::span<const double>(numbers), std::span(out), 0.0, std::plus<>());
      ASSERT_EQ(std::memcmp(out.data(), expected.data(), out.size() * sizeof(double)), 0);
    }
  }
}

TEST(ParallelScan, EqualsTheSequentialScanWhereOrderDoesNotMatter) {
  Scheduler scheduler(3);
  for (const size_t count : {0u, 1u, 2u, 128u, 129u, 3000u, 100'000u}) {
    std::vector<uint64_t> in(count);
    std::iota(in.begin(), in.end(), 7u);
    std::vector<uint64_t> expected(count);
    std::vector<uint64_t> out = in;
    std::inclusive_scan(in.begin(), in.end(), expected.begin());
    const uint64_t total = parallel_scan(scheduler, std::span<const uint64_t>(out), std::span(out), uint64_t{0}, std::plus<>());
    EXPECT_EQ(out, expected);
    EXPECT_EQ(total, std::accumulate(in.begin(), in.end(), uint64_t{0}));
    std::exclusive_scan(in.begin(), in.end(), expected.begin(), uint64_t{0});
    parallel_scan(scheduler, std::span<const uint64_t>(in), std::span(out), uint64_t{0}, std::plus<>(), ScanKind::exclusive);
    EXPECT_EQ(out, expected);
  }
}

TEST(ParallelSort, SameOrderAtEveryThreadCountAndInEveryRun) {
  struct Item {
    uint32_t key;
    uint32_t place;
    bool operator==(const Item&) const = default;
  };
  const auto less = [](const Item& a, const Item& b) { return a.key < b.key; };
  std::mt19937 random(9);
  std::vector<Item> items(12'000);
  for (uint32_t i = 0; i < items.size(); ++i) {
    items[i] = {static_cast<uint32_t>(random() % 1000), i};
  }
  Scheduler alone(1);
  std::vector<Item> expected = items;
  parallel_sort(alone, std::span(expected), less);
  std::vector<Item> stable = items;
  std::stable_sort(stable.begin(), stable.end(), less);
  for (const unsigned threads : thread_counts) {
    Scheduler scheduler(threads);
    for (int round = 0; round < repeats; ++round) {
      std::vector<Item> values = items;
      parallel_sort(scheduler, std::span(values), less);
      ASSERT_EQ(values, expected);
      values = items;
      parallel_stable_sort(scheduler, std::span(values), less);
      ASSERT_EQ(values, stable);
    }
  }
}

TEST(ParallelSort, AllShapes) {
  Scheduler scheduler(3);
  std::mt19937 random(2);
  for (const size_t count : {0u, 1u, 2u, 4096u, 4097u, 8193u, 100'000u}) {
    for (const uint32_t distinct : {1u, 2u, 1u << 30}) {
      std::vector<uint32_t> values(count);
      std::generate(values.begin(), values.end(), [&] { return static_cast<uint32_t>(random()) % distinct; });
      std::vector<uint32_t> expected = values;
      std::sort(expected.begin(), expected.end());
      parallel_sort(scheduler, std::span(values));
      ASSERT_EQ(values, expected);
      parallel_sort(scheduler, std::span(values));  // sorted already
      ASSERT_EQ(values, expected);
      parallel_sort(scheduler, std::span(values), std::greater<>());
      std::reverse(expected.begin(), expected.end());
      ASSERT_EQ(values, expected);
    }
  }
}

TEST(ParallelSort, MoveOnlyValuesAndAnOrderThatThrows) {
  Scheduler scheduler(2);
  std::vector<std::unique_ptr<int>> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(std::make_unique<int>((i * 7919) % 20'000));
  }
  parallel_sort(scheduler, std::span(values), [](const auto& a, const auto& b) { return *a < *b; });
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_EQ(*values[static_cast<size_t>(i)], i);
  }
  std::vector<int> numbers(20'000, 1);
  EXPECT_THROW(parallel_sort(scheduler, std::span(numbers), [](int, int) -> bool { throw std::runtime_error("no order"); }), std::runtime_error);
}

}  // namespace
}  // namespace omega::task
