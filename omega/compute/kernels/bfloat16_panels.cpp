// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/bfloat16_panels.h"

#include <algorithm>
#include <cstring>

#include "omega/compute/arrays/strided.h"
#include "omega/compute/kernels/bfloat16.h"
#include "omega/task/parallel_for.h"

namespace omega::compute {

namespace {

/// Weights of `count` presynaptic numbers, from `from` on, to `columns` neurons from `neuron` on: halves of a panel that is 0.
void fill_panel(const ArrayView& weights, int64_t row_stride, int64_t column_stride, int64_t count, int64_t neuron, int64_t columns, uint32_t* panel) {
  // A square at a time, so that both sides stay in the cache.
  constexpr int64_t kSquare = 64;
  for (int64_t begin = 0; begin < count; begin += kSquare) {
    for (int64_t c = 0; c < columns; ++c) {
      for (int64_t k = begin; k < std::min(begin + kSquare, count); ++k) {
        const uint32_t bits = to_bfloat16(load_element<float>(weights.data + k * row_stride + (neuron + c) * column_stride));
        panel[k / 2 * kBfloat16Columns + c] |= bits << (k % 2 * 16);
      }
    }
  }
}

}  // namespace

Bfloat16Panels::Bfloat16Panels(const ArrayView& input, const ArrayView& recurrent)
    : first_neuron_(in_whole_blocks(input.shape[0])), rows_(first_neuron_ + in_whole_blocks(recurrent.shape[0])) {
  const int64_t neurons = recurrent.shape[0];
  const int64_t panels = (neurons + 2 * kBfloat16Columns - 1) / (2 * kBfloat16Columns) * 2;
  weights_ = Array(ElementType::int32, {panels * panel_size()});
  task::parallel_for(0, static_cast<size_t>(panels), [&](size_t i) {
    auto* const panel = reinterpret_cast<uint32_t*>(weights_.as<int32_t>()) + static_cast<int64_t>(i) * panel_size();
    const int64_t first = static_cast<int64_t>(i) * kBfloat16Columns;
    const int64_t columns = std::clamp<int64_t>(neurons - first, 0, kBfloat16Columns);
    std::memset(panel, 0, static_cast<size_t>(panel_size()) * sizeof(uint32_t));
    fill_panel(input, input.strides[0], input.strides[1], input.shape[0], first, columns, panel);
    fill_panel(recurrent, recurrent.strides[1], recurrent.strides[0], neurons, first, columns, panel + first_neuron_ / 2 * kBfloat16Columns);
  });
}

float Bfloat16Panels::weight(int64_t from, int64_t neuron) const {
  const uint32_t both = panel(neuron / kBfloat16Columns)[from / 2 * kBfloat16Columns + neuron % kBfloat16Columns];
  return from_bfloat16(static_cast<uint16_t>(both >> (from % 2 * 16)));
}

}  // namespace omega::compute
