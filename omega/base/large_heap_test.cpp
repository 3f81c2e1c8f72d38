// SPDX-License-Identifier: Apache-2.0
#include "omega/base/large_heap.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace omega::base {
namespace {

constexpr size_t kilobyte = 1024;

/// A block with contents that its place in a test tells.
struct Filled {
  unsigned char* data;
  size_t size;
  unsigned char value;

  void fill() const { std::memset(data, value, size); }
  [[nodiscard]] bool is_intact() const { return data[0] == value && std::memcmp(data, data + 1, size - 1) == 0; }
};

/// A heap that is open, or skips the test where the process may not have one.
class LargeHeapTest : public ::testing::Test {
 protected:
  void SetUp() override {
    heap.open();
    if (!heap.is_open()) {
      GTEST_SKIP() << "addresses are limited, or a sanitizer watches malloc";
    }
  }

  LargeHeap heap;
};

TEST(LargeHeap, GivesAndOwnsNothingWhileItIsClosed) {
  LargeHeap heap;
  const int here = 0;
  EXPECT_FALSE(heap.is_open());
  EXPECT_EQ(heap.allocate(1), nullptr);
  EXPECT_FALSE(heap.owns(&here));
  EXPECT_FALSE(heap.owns(nullptr));
}

TEST_F(LargeHeapTest, OwnsItsBlocksAlone) {
  void* const block = heap.allocate(300 * kilobyte);
  ASSERT_NE(block, nullptr);
  EXPECT_TRUE(heap.owns(block));
  EXPECT_FALSE(heap.owns(nullptr));
  EXPECT_FALSE(heap.owns(&heap));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 4096, 0u);
}

TEST_F(LargeHeapTest, HandsOutAgainWhatWasFreed) {
  void* const first = heap.allocate(300 * kilobyte);
  void* const second = heap.allocate(300 * kilobyte);
  void* const third = heap.allocate(300 * kilobyte);
  heap.free(first);
  heap.free(second);
  EXPECT_EQ(heap.allocate(600 * kilobyte), first) << "neighbours become one gap";
  EXPECT_GT(heap.allocate(300 * kilobyte), third);
}

TEST_F(LargeHeapTest, GrowsWhereThereIsRoomBehind) {
  void* const first = heap.allocate(300 * kilobyte);
  void* const second = heap.allocate(300 * kilobyte);
  EXPECT_TRUE(heap.resize(second, 5000 * kilobyte)) << "the last block";
  EXPECT_FALSE(heap.resize(first, 400 * kilobyte));
  EXPECT_TRUE(heap.resize(first, 100 * kilobyte));
  EXPECT_TRUE(heap.resize(first, 300 * kilobyte)) << "into what it gave back";
  heap.free(second);
  EXPECT_TRUE(heap.resize(first, 9000 * kilobyte));
}

TEST_F(LargeHeapTest, RefusesWhatItCannotHold) {
  EXPECT_EQ(heap.allocate(SIZE_MAX / 2), nullptr);
  EXPECT_EQ(heap.allocate(SIZE_MAX), nullptr);
  void* const block = heap.allocate(300 * kilobyte);
  EXPECT_FALSE(heap.resize(block, SIZE_MAX));
}

TEST_F(LargeHeapTest, BlocksNeverShareMemory) {
  std::mt19937 random(1);
  std::vector<Filled> blocks;
  for (int step = 0; step < 3000; ++step) {
    const size_t size = (1 + random() % 40) * 30 * kilobyte;
    const size_t index = blocks.empty() ? 0 : random() % blocks.size();
    if (blocks.size() < 20 && random() % 2 == 0) {
      blocks.push_back({static_cast<unsigned char*>(heap.allocate(size)), size, static_cast<unsigned char>(step)});
      ASSERT_NE(blocks.back().data, nullptr);
      blocks.back().fill();
    } else if (!blocks.empty() && random() % 2 == 0) {
      ASSERT_TRUE(blocks[index].is_intact());
      if (heap.resize(blocks[index].data, size)) {
        blocks[index].size = size;
        blocks[index].fill();
      }
    } else if (!blocks.empty()) {
      ASSERT_TRUE(blocks[index].is_intact());
      heap.free(blocks[index].data);
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(index));
    }
  }
}

TEST_F(LargeHeapTest, ManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 200; ++round) {
        const Filled block{static_cast<unsigned char*>(heap.allocate(300 * kilobyte)), 300 * kilobyte, static_cast<unsigned char>(t + 4 * round)};
        block.fill();
        EXPECT_TRUE(block.is_intact());
        heap.free(block.data);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace omega::base
