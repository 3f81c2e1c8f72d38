// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/arrays/array.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <vector>

#include "omega/compute/arrays/strided.h"

namespace omega::compute {
namespace {

TEST(Shape, RefusesWhatCannotBe) {
  EXPECT_THROW(Shape({1, -1}), std::invalid_argument);
  EXPECT_THROW(Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}), std::invalid_argument);
  EXPECT_THROW(Shape({std::numeric_limits<int64_t>::max(), 2}), std::invalid_argument);
  EXPECT_EQ(Shape({3, 0, 5}).count(), 0);
  EXPECT_EQ(Shape().count(), 1);
  EXPECT_EQ(Shape({3}).describe(), "(3,)");
  EXPECT_EQ(Shape({3, 4}).describe(), "(3, 4)");
}

TEST(Array, IsAlignedAndContiguous) {
  Array array(ElementType::float32, {3, 5});
  EXPECT_EQ(reinterpret_cast<uintptr_t>(array.as<float>()) % 64, 0U);
  EXPECT_TRUE(array.view().is_contiguous());
}

TEST(CopyElements, ConvertsAndFollowsStrides) {
  const std::vector<double> numbers{0, 1, 2.5, -3, 4, 5};
  ArrayView reversed = view_of(numbers.data(), {2, 3});
  reversed.data += 2 * sizeof(double);
  reversed.strides[1] = -static_cast<int64_t>(sizeof(double));
  const Array integers = contiguous_copy(reversed, ElementType::int32);
  EXPECT_EQ(std::vector<int32_t>(integers.as<int32_t>(), integers.as<int32_t>() + 6), (std::vector<int32_t>{2, 1, 0, 5, 4, -3}));
  const Array booleans = contiguous_copy(view_of(numbers.data(), {6}), ElementType::boolean);
  EXPECT_EQ(std::vector<uint8_t>(booleans.as<uint8_t>(), booleans.as<uint8_t>() + 6), (std::vector<uint8_t>{0, 1, 1, 1, 1, 1}));
  Array other(ElementType::float64, {3, 2});
  EXPECT_THROW(copy_elements(reversed, other.mutable_view()), std::invalid_argument);
}

TEST(Rows, ScalarIsOneRow) {
  const double number = 7;
  const ArrayView scalar = view_of(&number, {});
  const Rows<const std::byte> rows(scalar);
  EXPECT_EQ(rows.count(), 1);
  EXPECT_EQ(rows.columns(), 1);
  EXPECT_EQ(load_element<double>(rows.row(0)), 7);
}

}  // namespace
}  // namespace omega::compute
