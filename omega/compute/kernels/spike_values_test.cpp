// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/spike_values.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <vector>

#include "omega/compute/kernels/kernel_testing.h"

namespace omega::compute {
namespace {

using testing::RandomNumbers;
using testing::with_thread_counts;

Array random_batch(const Shape& shape, uint32_t seed) {
  Array batch(ElementType::boolean, shape);
  std::ranges::copy(RandomNumbers(seed).spikes<uint8_t>(shape.count(), 0.3), batch.as<uint8_t>());
  return batch;
}

template <class T>
void check(ElementType type, T none, T spike) {
  const std::vector<Shape> shapes{{3}, {0, 4}, {70, 500}, {}, {16384}, {16385}, {2, 3, 4}, {0}};
  std::vector<Array> batches;
  std::vector<Array> outputs;
  std::vector<ArrayView> batch_views;
  std::vector<MutableArrayView> output_views;
  for (const Shape& shape : shapes) {
    batches.push_back(random_batch(shape, static_cast<uint32_t>(batches.size())));
    outputs.emplace_back(type, shape);
  }
  for (size_t i = 0; i < batches.size(); ++i) {
    batch_views.push_back(batches[i].view());
    output_views.push_back(outputs[i].mutable_view());
  }
  const std::vector<T> values{none, spike};
  with_thread_counts([&](task::Scheduler& scheduler) {
    for (Array& output : outputs) {
      std::fill_n(output.as<T>(), output.shape().count(), T{7});
    }
    put_values(batch_views, ArrayView{reinterpret_cast<const std::byte*>(values.data()), type, {2}, contiguous_strides(type, {2})}, output_views,
               {.scheduler = &scheduler});
    for (size_t b = 0; b < batches.size(); ++b) {
      for (int64_t i = 0; i < shapes[b].count(); ++i) {
        ASSERT_EQ(outputs[b].as<T>()[i], batches[b].as<uint8_t>()[i] != 0 ? spike : none) << shapes[b].describe() << " " << i;
      }
    }
  });
}

TEST(PutValues, EveryTypeAndShape) {
  check<uint8_t>(ElementType::boolean, 1, 0);
  check<int32_t>(ElementType::int32, -3, 1 << 30);
  check<int64_t>(ElementType::int64, 0, std::numeric_limits<int64_t>::min());
  check<float>(ElementType::float32, 0.5F, std::numeric_limits<float>::infinity());
  check<double>(ElementType::float64, -0.0, 0.9);
}

TEST(PutValues, WhatDoesNotFitIsNamed) {
  const Array batch = random_batch({4}, 1);
  Array output(ElementType::float64, {4});
  Array other(ElementType::float64, {5});
  const std::vector<double> two{0, 1};
  const std::vector<double> three{0, 1, 2};
  const ArrayView batches[] = {batch.view()};
  const MutableArrayView outputs[] = {output.mutable_view()};
  const MutableArrayView others[] = {other.mutable_view()};
  EXPECT_THROW(put_values(batches, view_of(three.data(), {3}), outputs), std::invalid_argument);
  EXPECT_THROW(put_values(batches, view_of(two.data(), {2}), others), std::invalid_argument);
  EXPECT_THROW(put_values(batches, view_of(two.data(), {2}), {}), std::invalid_argument);
}

}  // namespace
}  // namespace omega::compute
