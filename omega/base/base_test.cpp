// SPDX-License-Identifier: Apache-2.0
// Tests of ids, results, checks, hashes, arenas and arrays.
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "omega/base/arena.h"
#include "omega/base/check.h"
#include "omega/base/hash.h"
#include "omega/base/id.h"
#include "omega/base/pod_vector.h"
#include "omega/base/result.h"
#include "omega/base/span.h"

namespace omega::base {
namespace {

struct ThingTag;
using ThingId = Id<ThingTag>;

TEST(Id, DefaultIsNone) {
  constexpr ThingId nothing;
  EXPECT_EQ(nothing, ThingId::none);
  static_assert(!nothing.valid());
  static_assert(ThingId{3}.valid());
  static_assert(ThingId{3} < ThingId{4});
  static_assert(sizeof(ThingId) == 4);
}

TEST(Span, CoverTakesBothEnds) {
  const FileId file{0};
  EXPECT_EQ(cover({file, 4, 6}, {file, 1, 5}), (Span{file, 1, 6}));
  EXPECT_FALSE(Span{}.valid());
}

TEST(CheckDeathTest, FailureEndsWithCode70AndSaysWhere) {
  EXPECT_EXIT(OMEGA_CHECK(1 == 2, "numbers are broken"), testing::ExitedWithCode(70), "base_test.cpp:.*numbers are broken");
}

TEST(CheckDeathTest, HandlerRunsInsteadOfPrinting) {
  EXPECT_EXIT(
      {
        set_check_handler([](const CheckFailure& failure) { std::fprintf(stderr, "handled %s\n", failure.message); });
        OMEGA_UNREACHABLE("the end");
      },
      testing::ExitedWithCode(70), "handled the end");
}

TEST(Result, HoldsValueOrError) {
  const Result<int> good = 4;
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(*good, 4);
  const Result<int> bad = Error{"cannot read file", ENOENT, "a.omega"};
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(describe(bad.error()), "cannot read file `a.omega`: No such file or directory");
  const Result<void> done;
  EXPECT_TRUE(done.has_value());
}

TEST(Hash, DependsOnEveryByteAndTheLength) {
  std::set<uint64_t> seen;
  size_t count = 0;
  for (size_t size = 0; size < 70; ++size) {
    std::string text(size, 'a');
    seen.insert(hash_bytes(text));
    ++count;
    for (size_t i = 0; i < size; ++i) {
      text[i] = 'b';
      seen.insert(hash_bytes(text));
      ++count;
      text[i] = 'a';
    }
  }
  EXPECT_EQ(seen.size(), count);
}

TEST(Hash, LowAndHighBitsSpread) {
  std::vector<int> low(64);
  std::vector<int> high(64);
  for (int i = 0; i < 64 * 100; ++i) {
    const uint64_t hash = hash_bytes("x" + std::to_string(i));
    ++low[hash & 63];
    ++high[hash >> 58];
  }
  for (int i = 0; i < 64; ++i) {
    EXPECT_GT(low[i], 40);
    EXPECT_LT(low[i], 180);
    EXPECT_GT(high[i], 40);
    EXPECT_LT(high[i], 180);
  }
}

TEST(Arena, AlignsAndKeepsTexts) {
  Arena arena(64);
  std::vector<std::string_view> texts;
  for (int i = 0; i < 1000; ++i) {
    texts.push_back(arena.copy(std::to_string(i)));
    const auto* number = arena.allocate_array<double>(3);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(number) % alignof(double), 0u);
  }
  Arena moved = std::move(arena);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(texts[i], std::to_string(i));
  }
  EXPECT_GT(moved.reserved_bytes(), 24000u);
}

TEST(PodVector, GrowsCopiesAndMoves) {
  PodVector<uint32_t> numbers;
  for (uint32_t i = 0; i < 1000; ++i) {
    numbers.push_back(i);
  }
  numbers.push_back(numbers[7]);
  EXPECT_EQ(numbers.back(), 7u);
  numbers.pop_back();
  PodVector<uint32_t> copy = numbers;
  EXPECT_EQ(copy, numbers);
  copy[3] = 9;
  EXPECT_FALSE(copy == numbers);
  const PodVector<uint32_t> moved = std::move(copy);
  EXPECT_EQ(moved.size(), 1000u);
  numbers.resize(1002, 5);
  EXPECT_EQ(numbers[1001], 5u);
  numbers.resize(1);
  numbers.shrink_to_fit();
  EXPECT_EQ(numbers.capacity(), 1u);
  EXPECT_EQ(numbers[0], 0u);
}

TEST(PodVector, LentValuesAreCopiedWhenItGrows) {
  uint32_t values[] = {1, 2, 3};
  PodVector<uint32_t> numbers = PodVector<uint32_t>::lent(values, 3);
  numbers[0] = 7;
  EXPECT_EQ(values[0], 7u);
  PodVector<uint32_t> copy = numbers;
  copy[1] = 9;
  EXPECT_EQ(values[1], 2u);
  numbers.push_back(numbers[2]);
  numbers[2] = 5;
  EXPECT_EQ(values[2], 3u);
  EXPECT_EQ(numbers, (PodVector<uint32_t>{7, 2, 5, 3}));
  PodVector<uint32_t> shorter = PodVector<uint32_t>::lent(values, 3);
  shorter.resize(1);
  EXPECT_EQ(shorter, (PodVector<uint32_t>{7}));
  PodVector<uint32_t> emptied = PodVector<uint32_t>::lent(values, 3);
  emptied.clear();
  emptied.shrink_to_fit();
  emptied.push_back(4);
  EXPECT_EQ(values[0], 7u);
  const PodVector<uint32_t> moved = std::move(shorter);
  EXPECT_EQ(moved.size(), 1u);
}

TEST(Arena, LargeBlocksAreUsable) {
  Arena arena(size_t{1} << 20, size_t{8} << 20);
  for (int i = 0; i < 5; ++i) {
    auto* numbers = arena.allocate_array<uint64_t>(size_t{1} << 18);
    numbers[0] = numbers[(size_t{1} << 18) - 1] = 1;
  }
  EXPECT_GE(arena.reserved_bytes(), size_t{10} << 20);
}

}  // namespace
}  // namespace omega::base
