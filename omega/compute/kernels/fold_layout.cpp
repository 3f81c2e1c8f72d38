// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/fold_layout.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace omega::compute {

namespace {

/// Goes along an axis from its other end.
void turn(FoldLayout& layout, FoldAxis& axis) {
  layout.data += (axis.extent - 1) * axis.stride;
  layout.first += (axis.extent - 1) * axis.result;
  axis.stride = -axis.stride;
  axis.result = -axis.result;
}

void sort_and_join(std::vector<FoldAxis>& axes) {
  std::ranges::stable_sort(axes, [](const FoldAxis& a, const FoldAxis& b) { return std::abs(a.stride) > std::abs(b.stride); });
  std::vector<FoldAxis> joined;
  for (const FoldAxis& axis : axes) {
    if (!joined.empty() && joined.back().stride == axis.stride * axis.extent && joined.back().result == axis.result * axis.extent) {
      joined.back() = {joined.back().extent * axis.extent, axis.stride, axis.result};
    } else {
      joined.push_back(axis);
    }
  }
  axes = std::move(joined);
}

}  // namespace

int64_t count_of(const std::vector<FoldAxis>& axes) {
  int64_t count = 1;
  for (const FoldAxis& axis : axes) {
    count *= axis.extent;
  }
  return count;
}

FoldLayout fold_layout(const ArrayView& input, AxisSet folded, bool in_order) {
  FoldLayout layout{.data = input.data, .kept = {}, .folded = {}};
  int64_t result = 1;
  for (size_t i = input.rank(); i-- > 0;) {
    const FoldAxis axis{input.shape[i], input.strides[i], folded[i] ? 0 : result};
    if (axis.extent > 1) {
      (folded[i] ? layout.folded : layout.kept).push_back(axis);
    }
    result *= folded[i] ? 1 : axis.extent;
  }
  // From the outermost, so that sorting leaves those of one stride as they stand.
  std::ranges::reverse(layout.kept);
  std::ranges::reverse(layout.folded);
  const bool keep_order = in_order && layout.folded.size() < 2;
  for (auto* const axes : {&layout.kept, &layout.folded}) {
    for (FoldAxis& axis : *axes) {
      if (axis.stride < 0 && !(keep_order && axes == &layout.folded)) {
        turn(layout, axis);
      }
    }
    sort_and_join(*axes);
  }
  return layout;
}

FoldLayout take_longest(FoldLayout& layout, const std::byte* results, size_t size) {
  const auto longest = std::ranges::max_element(layout.folded, {}, &FoldAxis::extent);
  FoldLayout rest{.data = results, .first = layout.first, .kept = layout.kept, .folded = {layout.folded.begin(), longest}};
  rest.folded.insert(rest.folded.end(), longest + 1, layout.folded.end());
  layout.folded = {*longest};
  layout.first = 0;
  // The results between lie in the order in which the elements do.
  std::vector<FoldAxis*> axes;
  axes.reserve(rest.kept.size() + rest.folded.size());
  for (FoldAxis& axis : rest.kept) {
    axes.push_back(&axis);
  }
  for (FoldAxis& axis : rest.folded) {
    axes.push_back(&axis);
  }
  std::ranges::stable_sort(axes, [](const FoldAxis* a, const FoldAxis* b) { return a->stride < b->stride; });
  int64_t place = 1;
  layout.kept.clear();
  for (FoldAxis* const axis : axes) {
    layout.kept.insert(layout.kept.begin(), {axis->extent, axis->stride, place});
    axis->stride = place * static_cast<int64_t>(size);
    place *= axis->extent;
  }
  sort_and_join(layout.kept);
  sort_and_join(rest.kept);
  sort_and_join(rest.folded);
  return rest;
}

}  // namespace omega::compute
