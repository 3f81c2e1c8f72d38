// SPDX-License-Identifier: Apache-2.0
// The axes of what is folded, as few as its strides allow.
#pragma once

#include <bitset>
#include <vector>

#include "omega/compute/arrays/array.h"

namespace omega::compute {

/// Axes of an array by their numbers.
using AxisSet = std::bitset<kMaxRank>;

struct FoldAxis {
  int64_t extent;
  int64_t stride;      ///< of elements [bytes]
  int64_t result = 0;  ///< of results [elements]; 0 for an axis that is folded
};

/// An array without regard to the order of its axes, which is that of their strides, the largest first. Those of one element are left out, those that lie one
/// behind the other are one.
struct FoldLayout {
  const std::byte* data;
  int64_t first = 0;  ///< the result that the element at `data` belongs to
  std::vector<FoldAxis> kept;
  std::vector<FoldAxis> folded;
};

/// Of `input`, at least one element, into contiguous results. Where `in_order`, elements of a single folded axis keep their order; else, and where several are
/// folded, elements come as they lie.
FoldLayout fold_layout(const ArrayView& input, AxisSet folded, bool in_order);

/// Takes out the longest of several folded axes, and gives what is left once that has been folded into `results`, contiguous elements of `size` bytes: `layout`
/// is then that fold, into those results.
FoldLayout take_longest(FoldLayout& layout, const std::byte* results, size_t size);

/// Elements in all of the axes.
int64_t count_of(const std::vector<FoldAxis>& axes);

}  // namespace omega::compute
