// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/counter_random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace omega::compute {
namespace {

// The known answers that come with the authors' Random123 (kat_vectors).
TEST(CounterRandom, KnownAnswers) {
  using Words = std::array<uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}), (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CounterRandom, MomentsOfUniformAndNormal) {
  const RandomStream random(7, 3);
  constexpr int kCount = 100000;
  double sum = 0;
  double normals = 0;
  double squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double u = random.uniform(static_cast<uint64_t>(i));
    ASSERT_TRUE(u >= 0 && u < 1);
    sum += u;
    const double n = random.normal(static_cast<uint64_t>(i), 1);
    normals += n;
    squares += n * n;
    ASSERT_LT(random.below(10, static_cast<uint64_t>(i), 2), 10u);
  }
  // Five standard errors.
  EXPECT_NEAR(sum / kCount, 0.5, 5 * 0.289 / 316);
  EXPECT_NEAR(normals / kCount, 0, 5.0 / 316);
  EXPECT_NEAR(squares / kCount, 1, 5 * 1.414 / 316);
}

TEST(CounterRandom, ChoosesEachWithItsProbability) {
  const RandomStream random(3, 1);
  for (const double probability : {0.0, 1e-9, 0.001, 0.3, 0.999, 1.0}) {
    constexpr uint64_t kCount = 200000;
    std::vector<uint64_t> chosen;
    choose_each(random, kCount, probability, 7, [&](uint64_t i) { chosen.push_back(i); });
    ASSERT_TRUE(chosen.empty() || chosen.back() < kCount);
    const double deviation = std::sqrt(kCount * probability * (1 - probability));
    EXPECT_NEAR(static_cast<double>(chosen.size()), kCount * probability, 5 * deviation) << probability;
    // Neighbours are chosen together as often as independence has it.
    double pairs = 0;
    for (size_t k = 1; k < chosen.size(); ++k) {
      ASSERT_GT(chosen[k], chosen[k - 1]);
      pairs += chosen[k] == chosen[k - 1] + 1 ? 1 : 0;
    }
    EXPECT_NEAR(pairs, kCount * probability * probability, 5 * std::sqrt(kCount) * probability + 1) << probability;
  }
  choose_each(random, 0, 0.5, 0, [](uint64_t) { FAIL(); });
}

TEST(CounterRandom, StreamsAndSeedsDiffer) {
  EXPECT_NE(RandomStream(1, 0).words(5), RandomStream(1, 1).words(5));
  EXPECT_NE(RandomStream(1, 0).words(5), RandomStream(2, 0).words(5));
  EXPECT_NE(RandomStream(1, 0).words(5), RandomStream(uint64_t{1} << 32 | 1, 0).words(5));
  EXPECT_EQ(RandomStream(1, 0).words(5), RandomStream(1, 0).words(5));
}

}  // namespace
}  // namespace omega::compute
