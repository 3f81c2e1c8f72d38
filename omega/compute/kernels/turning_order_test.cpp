// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/turning_order.h"

#include <gtest/gtest.h>

#include <vector>

namespace omega::compute {
namespace {

std::vector<int64_t> pieces(const TurningOrder& order) {
  std::vector<int64_t> all;
  for (int64_t at = 0; at < order.count(); ++at) {
    all.push_back(order.piece(at));
  }
  return all;
}

TEST(TurningOrder, TurnsAboutInTheStretchOfEachThread) {
  task::Scheduler scheduler(2);
  const Execution execution{.scheduler = &scheduler};
  std::atomic<uint32_t> steps{0};
  EXPECT_EQ(pieces(TurningOrder(7, execution, steps)), (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(pieces(TurningOrder(7, execution, steps)), (std::vector<int64_t>{2, 1, 0, 5, 4, 3, 6}));
  EXPECT_EQ(pieces(TurningOrder(7, execution, steps)), (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}));
}

TEST(TurningOrder, HasEachPieceOnce) {
  for (const unsigned threads : {1u, 3u, 16u}) {
    task::Scheduler scheduler(threads);
    const Execution execution{.scheduler = &scheduler};
    for (int64_t count = 0; count < 40; ++count) {
      std::atomic<uint32_t> steps{1};
      std::vector<int64_t> all = pieces(TurningOrder(count, execution, steps));
      std::ranges::sort(all);
      for (int64_t i = 0; i < count; ++i) {
        EXPECT_EQ(all[static_cast<size_t>(i)], i) << count << " pieces, " << threads << " threads";
      }
    }
  }
}

}  // namespace
}  // namespace omega::compute
