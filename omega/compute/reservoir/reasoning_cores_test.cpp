// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/reasoning_cores.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace omega::compute {
namespace {

size_t place_of_largest(const double* x, int64_t count) { return static_cast<size_t>(std::max_element(x, x + count) - x); }

TEST(VisualCore, SeesTheOrientationOfStripes) {
  const VisualReasoningCore core{.cells = 2, .orientations = 4};
  // Brightness that changes along the direction of angle a has its gradient there.
  for (int direction = 0; direction < 4; ++direction) {
    const double angle = direction * std::numbers::pi / 4;
    std::vector<double> image;
    for (int y = 0; y < 20; ++y) {
      for (int x = 0; x < 30; ++x) {
        image.push_back(x * std::cos(angle) + y * std::sin(angle));
      }
    }
    const Array features = core.process(view_of(image.data(), Shape{20, 30}));
    ASSERT_EQ(features.shape(), (Shape{2, 2, 4}));
    EXPECT_EQ(place_of_largest(features.as<double>(), 4), static_cast<size_t>(direction));
    double length = 0;
    for (int64_t i = 0; i < 16; ++i) {
      length += features.as<double>()[i] * features.as<double>()[i];
    }
    EXPECT_NEAR(length, 1, 1e-12);
  }
  const std::vector<uint8_t> flat(2 * 3 * 5, 7);
  const Array dark = core.process(view_of(flat.data(), Shape{2, 3, 5}));
  EXPECT_EQ(dark.shape(), (Shape{2, 2, 2, 4}));
  EXPECT_EQ(*std::max_element(dark.as<double>(), dark.as<double>() + 32), 0);
  EXPECT_EQ(core.process(view_of(flat.data(), Shape{0, 5})).shape(), (Shape{0, 2, 4}));
  EXPECT_THROW((void)core.process(view_of(flat.data(), Shape{5})), std::invalid_argument);
  EXPECT_THROW((void)VisualReasoningCore{.cells = 0}.process(view_of(flat.data(), Shape{5, 5})), std::invalid_argument);
}

TEST(AudioCore, HearsThePitch) {
  const AudioReasoningCore core{.bands = 20};
  size_t before = 0;
  for (const double hertz : {300.0, 1000.0, 3000.0, 6000.0}) {
    std::vector<float> wave(1600);
    for (size_t i = 0; i < wave.size(); ++i) {
      wave[i] = static_cast<float>(std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / 16000));
    }
    const Array features = core.process(view_of(wave.data(), Shape{1600}));
    ASSERT_EQ(features.shape(), (Shape{8, 20}));  // 1 + (1600 - 400) / 160
    const size_t band = place_of_largest(features.as<double>() + 3 * 20, 20);
    // The band around hertz: mels run from 0 to 2840 at 8,000 Hz in 21 parts, band b in the middle at b + 1 of them.
    const double mel = 2595 * std::log10(1 + hertz / 700) / (2595 * std::log10(1 + 8000.0 / 700)) * 21;
    EXPECT_NEAR(static_cast<double>(band + 1), mel, 0.6) << hertz;
    EXPECT_GT(band + 1, before + 1);
    before = band;
  }
  const std::vector<double> frames(15 * 25, 0.0);
  const Array silent = core.process(view_of(frames.data(), Shape{15, 25}));
  EXPECT_EQ(silent.shape(), (Shape{15, 20}));
  EXPECT_NEAR(silent.as<double>()[0], std::log(1e-10), 1e-9);
  EXPECT_EQ(core.process(view_of(frames.data(), Shape{0})).shape(), (Shape{0, 20}));
  EXPECT_EQ(core.process(view_of(frames.data(), Shape{10})).shape(), (Shape{1, 20}));
  EXPECT_THROW((void)core.process(view_of(frames.data(), Shape{1, 5, 5})), std::invalid_argument);
}

double product(const Array& a, const Array& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.shape().count(); ++i) {
    sum += a.as<double>()[i] * b.as<double>()[i];
  }
  return sum;
}

TEST(TextCore, LikeTextsLieNearEachOther) {
  const TextReasoningCore core;
  const auto features = [&](std::string_view text) {
    return core.process(view_of(reinterpret_cast<const uint8_t*>(text.data()), Shape{static_cast<int64_t>(text.size())}));
  };
  const Array a = features("spikes travel through the liquid and leave traces");
  const Array b = features("spikes travel through a liquid and leave a trace");
  const Array c = features("ZQX 77 $$$ jump over fuzzy W0lf");
  EXPECT_NEAR(product(a, a), 1, 1e-12);
  EXPECT_GT(product(a, b), product(a, c) + 0.3);
  EXPECT_EQ(features("").as<double>()[0], 0);
}

TEST(TextCore, VectorsBecomeTokens) {
  const TextReasoningCore core;
  std::vector<double> rows(10 * 35);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = std::sin(static_cast<double>(i * i));
  }
  std::vector<double> scaled = rows;
  for (double& x : scaled) {
    x *= 3;  // a plane does not mind
  }
  const Array a = core.process(view_of(rows.data(), Shape{10, 35}));
  EXPECT_EQ(a.shape(), (Shape{256}));
  EXPECT_NEAR(product(a, core.process(view_of(scaled.data(), Shape{10, 35}))), 1, 1e-12);
  EXPECT_THROW((void)core.process(view_of(rows.data(), Shape{350})), std::invalid_argument);
  EXPECT_THROW((void)core.process(view_of(rows.data(), Shape{1, 10, 35})), std::invalid_argument);
}

}  // namespace
}  // namespace omega::compute
