// SPDX-License-Identifier: Apache-2.0
// Elements of any type and strides, row by row, as float64: for what is done once per element and not in a kernel's loop.
#pragma once

#include <cstring>
#include <stdexcept>
#include <vector>

#include "omega/compute/arrays/array.h"
#include "omega/compute/kernels/execution.h"
#include "omega/task/parallel_for.h"

namespace omega::compute {

/// The element at `at`.
inline double number_at(const std::byte* at, ElementType type) {
  const auto load = [at]<class T>(T value) {
    std::memcpy(&value, at, sizeof value);
    return static_cast<double>(value);
  };
  switch (type) {
    case ElementType::boolean:
      return load(uint8_t{}) != 0 ? 1 : 0;
    case ElementType::uint8:
      return load(uint8_t{});
    case ElementType::int32:
      return load(int32_t{});
    case ElementType::int64:
      return load(int64_t{});
    case ElementType::float32:
      return load(float{});
    case ElementType::float64:
      return load(double{});
  }
  return 0;
}

/// The rows of a view: what all axes but the last name. A view of rank 0 is one row of one element.
class RowReader {
 public:
  explicit RowReader(const ArrayView& view) : view_(view), columns_(view.rank() == 0 ? 1 : view.shape[view.rank() - 1]) {
    rows_ = 1;
    for (size_t i = 0; i + 1 < view.rank(); ++i) {
      rows_ *= view.shape[i];
    }
  }
  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t columns() const { return columns_; }
  /// Writes row `row` to `out`, columns() numbers.
  void read(int64_t row, double* out) const {
    const std::byte* at = view_.data;
    for (size_t i = view_.rank(); i-- > 1;) {
      const int64_t extent = view_.shape[i - 1];
      at += row % extent * view_.strides[i - 1];
      row /= extent;
    }
    const int64_t stride = view_.rank() == 0 ? 0 : view_.strides[view_.rank() - 1];
    for (int64_t c = 0; c < columns_; ++c) {
      out[c] = number_at(at + c * stride, view_.type);
    }
  }

 private:
  ArrayView view_;
  int64_t columns_;
  int64_t rows_;
};

/// All elements, contiguous, as float64.
inline std::vector<double> numbers_of(const ArrayView& view) {
  const RowReader reader(view);
  std::vector<double> numbers(static_cast<size_t>(reader.rows() * reader.columns()));
  for (int64_t row = 0; row < reader.rows(); ++row) {
    reader.read(row, numbers.data() + row * reader.columns());
  }
  return numbers;
}

/// body(begin, end) over pieces of [0, count) in parallel; throws Stopped when the execution was.
template <class Body>
void for_ranges(const Execution& execution, int64_t count, Body&& body) {
  task::LoopOptions options;
  options.cancellation = execution.cancellation;
  task::Scheduler& scheduler = execution.scheduler != nullptr ? *execution.scheduler : task::Scheduler::current();
  const task::Outcome outcome = task::parallel_for(
      scheduler, 0, static_cast<size_t>(count),
      [&body](size_t begin, size_t end) { body(static_cast<int64_t>(begin), static_cast<int64_t>(end)); }, options);
  if (outcome != task::Outcome::done) {
    throw Stopped{outcome};
  }
}

}  // namespace omega::compute
