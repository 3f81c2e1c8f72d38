// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/arrays/spikes.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "omega/compute/arrays/array_testing.h"
#include "omega/compute/arrays/strided.h"

namespace omega::compute {
namespace {

using testing::RandomNumbers;

template <class T>
void round_trip(const Shape& shape, double density) {
  const std::vector<T> elements = RandomNumbers(7).spikes<T>(shape.count(), density);
  const SpikeArray spikes = SpikeArray::from_dense(view_of(elements.data(), shape));
  int64_t expected = 0;
  for (const T element : elements) {
    expected += element != T{0} ? 1 : 0;
  }
  EXPECT_EQ(spikes.count(), expected);
  std::vector<T> back(elements.size(), T{9});
  spikes.to_dense(mutable_view_of(back.data(), shape));
  EXPECT_EQ(back, elements);

  const EventArray events = EventArray::from_dense(view_of(elements.data(), shape));
  EXPECT_EQ(static_cast<int64_t>(events.columns().size()), expected);
  std::fill(back.begin(), back.end(), T{9});
  events.to_dense(mutable_view_of(back.data(), shape));
  EXPECT_EQ(back, elements);
}

TEST(SpikeArray, RoundTripOfEveryTypeAndShape) {
  for (const Shape& shape : {Shape{1}, Shape{64}, Shape{65}, Shape{3, 130}, Shape{2, 3, 63}, Shape{0}, Shape{0, 5}, Shape{5, 0}}) {
    for (const double density : {0.0, 0.1, 1.0}) {
      round_trip<uint8_t>(shape, density);
      round_trip<int32_t>(shape, density);
      round_trip<int64_t>(shape, density);
      round_trip<float>(shape, density);
      round_trip<double>(shape, density);
    }
  }
}

TEST(SpikeArray, AnyNumberThatIsNotZeroIsASpike) {
  const std::vector<uint8_t> bytes{0, 1, 2, 128, 255, 0};
  const SpikeArray spikes = SpikeArray::from_dense(view_of(bytes.data(), {6}));
  EXPECT_EQ(spikes.row(0)[0], 0b011110U);
  const std::vector<double> numbers{0.0, -0.0, 0.5, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_EQ(SpikeArray::from_dense(view_of(numbers.data(), {4})).row(0)[0], 0b1100U);
}

TEST(SpikeArray, FollowsStrides) {
  const std::vector<uint8_t> bytes = RandomNumbers(3).spikes<uint8_t>(100 * 70, 0.3);
  ArrayView transposed = view_of(bytes.data(), {100, 70});
  std::swap(transposed.strides[0], transposed.strides[1]);
  transposed.shape = {70, 100};
  const SpikeArray spikes = SpikeArray::from_dense(transposed);
  for (int64_t i = 0; i < 70; ++i) {
    for (int64_t k = 0; k < 100; ++k) {
      ASSERT_EQ(spikes.row(i)[k / 64] >> (k % 64) & 1, bytes[static_cast<size_t>(k * 70 + i)]);
    }
  }
}

TEST(SpikeArray, RefusesScalarsAndOtherShapes) {
  EXPECT_THROW(SpikeArray{Shape()}, std::invalid_argument);
  SpikeArray spikes(Shape{2, 3});
  Array dense(ElementType::boolean, {3, 2});
  EXPECT_THROW(spikes.to_dense(dense.mutable_view()), std::invalid_argument);
}

TEST(EventArray, RefusesWhatIsNoListOfEvents) {
  EXPECT_NO_THROW(EventArray({2, 4}, {0, 1, 3}, {2, 0, 3}));
  EXPECT_THROW(EventArray({2, 4}, {0, 3}, {2, 0, 3}), std::invalid_argument);
  EXPECT_THROW(EventArray({2, 4}, {0, 1, 2}, {2, 0, 3}), std::invalid_argument);
  EXPECT_THROW(EventArray({2, 4}, {0, 4, 3}, {0, 1, 2}), std::invalid_argument);
  EXPECT_THROW(EventArray({2, 4}, {0, 1, 3}, {2, 3, 0}), std::invalid_argument);
  EXPECT_THROW(EventArray({2, 4}, {0, 1, 3}, {2, 0, 4}), std::invalid_argument);
  EXPECT_THROW(EventArray({2, 4}, {0, 1, 3}, {2, -1, 3}), std::invalid_argument);
}

}  // namespace
}  // namespace omega::compute
