// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/encoders.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "omega/compute/kernels/kernel_testing.h"
#include "omega/compute/spiking/counter_random.h"

namespace omega::compute {
namespace {

using testing::spike;

bool same(const SpikeArray& a, const SpikeArray& b) {
  if (!(a.shape() == b.shape())) {
    return false;
  }
  for (int64_t r = 0; r < a.rows(); ++r) {
    for (int64_t w = 0; w < a.words_per_row(); ++w) {
      if (a.row(r)[w] != b.row(r)[w]) {
        return false;
      }
    }
  }
  return true;
}

TEST(Encoders, RateIsTheProbability) {
  const std::vector<double> values{0, 0.1, 0.5, 1};
  constexpr int64_t kSteps = 20000;
  const SpikeArray spikes = rate_encode(view_of(values.data(), Shape{4}), kSteps, 11);
  EXPECT_EQ(spikes.shape(), (Shape{kSteps, 4}));
  for (int64_t c = 0; c < 4; ++c) {
    double count = 0;
    for (int64_t t = 0; t < kSteps; ++t) {
      count += spike(spikes, t, c) ? 1 : 0;
    }
    const double p = values[static_cast<size_t>(c)];
    EXPECT_NEAR(count / kSteps, p, 5 * std::sqrt(p * (1 - p) / kSteps)) << p;
  }
}

TEST(Encoders, ASeedHoldsAtEveryNumberOfThreads) {
  std::vector<float> values(130 * 37);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i % 97) / 97;
  }
  const ArrayView view = view_of(values.data(), Shape{130, 37});
  task::Scheduler one(1);
  const SpikeArray expected = rate_encode(view, 20, 5, {.scheduler = &one});
  for (unsigned threads = 2; threads <= 5; ++threads) {
    task::Scheduler scheduler(threads);
    EXPECT_TRUE(same(rate_encode(view, 20, 5, {.scheduler = &scheduler}), expected));
  }
  EXPECT_FALSE(same(rate_encode(view, 20, 6, {.scheduler = &one}), expected));
}

// A spike is where the word of its number is below the probability, in every instruction set, wherever a row begins.
TEST(Encoders, RateIsTheDocumentedFunction) {
  std::vector<double> values(3 * 333);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<double>(i % 11) / 10;
  }
  const RandomStream random(uint64_t{5} << 33 | 77, 1);
  omega::compute::testing::with_every_instruction_set([&] {
    const SpikeArray spikes = rate_encode(view_of(values.data(), Shape{3, 333}), 4, uint64_t{5} << 33 | 77);
    for (int64_t row = 0; row < 12; ++row) {
      for (int64_t c = 0; c < 333; ++c) {
        const auto number = static_cast<uint64_t>(row * 333 + c);
        const double p = values[static_cast<size_t>(row % 3 * 333 + c)];
        ASSERT_EQ(spike(spikes, row, c), static_cast<double>(random.words(number / 4)[number % 4]) < std::round(p * 0x1p32)) << row << " " << c;
      }
    }
  });
}

TEST(Encoders, RateInTimeDrawsWhatConstantRatesDraw) {
  const std::vector<double> values{0.3, 0.7};
  std::vector<double> repeated;
  for (int t = 0; t < 50; ++t) {
    repeated.insert(repeated.end(), values.begin(), values.end());
  }
  EXPECT_TRUE(same(rate_encode(view_of(values.data(), Shape{2}), 50, 3), rate_encode_in_time(view_of(repeated.data(), Shape{50, 2}), 3)));
  const double scalar = 0.3;
  EXPECT_EQ(rate_encode(view_of(&scalar, Shape{}), 70, 1).shape(), (Shape{70}));
  EXPECT_EQ(rate_encode(view_of(&scalar, Shape{0}), 7, 1).count(), 0);
}

TEST(Encoders, ValuesOutsideAreRefused) {
  for (const double value : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW((void)rate_encode(view_of(&value, Shape{1}), 5, 0), std::invalid_argument);
    EXPECT_THROW((void)latency_encode(view_of(&value, Shape{1}), 5, {}), std::invalid_argument);
  }
  const double value = 0.5;
  EXPECT_THROW((void)rate_encode(view_of(&value, Shape{1}), -1, 0), std::invalid_argument);
  EXPECT_THROW((void)latency_encode(view_of(&value, Shape{1}), 5, {.tau = 0}), std::invalid_argument);
  EXPECT_THROW((void)delta_encode(view_of(&value, Shape{1}), 0, false), std::invalid_argument);
  EXPECT_THROW((void)delta_encode(view_of(&value, Shape{}), 1, false), std::invalid_argument);
}

TEST(Encoders, LatencyStrongerIsEarlier) {
  const std::vector<double> values{1, 0.5, 0.02, 0.01, 0};
  const SpikeArray linear = latency_encode(view_of(values.data(), Shape{5}), 11, {});
  const int64_t expected[5] = {0, 5, 10, -1, -1};
  for (int64_t c = 0; c < 5; ++c) {
    for (int64_t t = 0; t < 11; ++t) {
      EXPECT_EQ(spike(linear, t, c), t == expected[c]) << c << " " << t;
    }
  }
  const LatencyEncoding encoding{.law = LatencyLaw::logarithmic, .tau = 20, .threshold = 0.2};
  const SpikeArray logarithmic = latency_encode(view_of(values.data(), Shape{5}), 11, encoding);
  EXPECT_TRUE(spike(logarithmic, std::llround(20 * std::log(1 / 0.8)), 0));
  EXPECT_TRUE(spike(logarithmic, 10, 1));  // 20 ln(0.5 / 0.3) = 10.2
  EXPECT_EQ(logarithmic.count(), 2);
}

TEST(Encoders, DeltaSeesRisesAndFalls) {
  const std::vector<double> signal{0, 1, 1, 0.4, 2, std::numeric_limits<double>::quiet_NaN(), 0};
  const SpikeArray rises = delta_encode(view_of(signal.data(), Shape{7}), 0.5, false);
  EXPECT_EQ(rises.shape(), (Shape{7}));
  EXPECT_EQ(rises.row(0)[0], 0b0010010u);
  const SpikeArray both = delta_encode(view_of(signal.data(), Shape{7}), 0.5, true);
  EXPECT_EQ(both.shape(), (Shape{7, 2}));
  for (int64_t t = 0; t < 7; ++t) {
    EXPECT_EQ(spike(both, t, 0), t == 1 || t == 4);
    EXPECT_EQ(spike(both, t, 1), t == 3);
  }
  // Two channels, read backwards in memory.
  const std::vector<double> two{0, 5, 1, 5, 2, 3};
  ArrayView view = view_of(two.data(), Shape{3, 2});
  view.data += sizeof(double);
  view.strides[1] = -static_cast<int64_t>(sizeof(double));
  const SpikeArray reversed = delta_encode(view, 1, true);
  EXPECT_EQ(reversed.shape(), (Shape{3, 4}));
  EXPECT_EQ(reversed.row(0)[0], 0u);
  EXPECT_EQ(reversed.row(1)[0], 0b0010u);
  EXPECT_EQ(reversed.row(2)[0], 0b0110u);
}

}  // namespace
}  // namespace omega::compute
