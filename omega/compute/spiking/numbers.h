// SPDX-License-Identifier: Apache-2.0
// Elements of any type and strides, row by row, as float64: for what is done once per element and not in a kernel's loop.
#pragma once

#include <vector>

#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/strided.h"

namespace omega::compute {

/// Writes row `row` to `out`, rows.columns() numbers; `type` is that of the view behind `rows`. A boolean that is not 0 is 1.
inline void read_row(const Rows<const std::byte>& rows, ElementType type, int64_t row, double* out) {
  visit_element(type, [&]<class T>(std::type_identity<T>) {
    const std::byte* at = rows.row(row);
    for (int64_t c = 0; c < rows.columns(); ++c, at += rows.stride()) {
      const T value = load_element<T>(at);
      out[c] = type == ElementType::boolean ? (value != 0 ? 1 : 0) : static_cast<double>(value);
    }
  });
}

/// All elements, contiguous, as float64.
inline std::vector<double> numbers_of(const ArrayView& view) {
  const Rows<const std::byte> rows(view);
  std::vector<double> numbers(static_cast<size_t>(view.count()));
  for (int64_t row = 0; row < rows.count() && !numbers.empty(); ++row) {
    read_row(rows, view.type, row, numbers.data() + row * rows.columns());
  }
  return numbers;
}

}  // namespace omega::compute
