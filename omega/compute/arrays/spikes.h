// SPDX-License-Identifier: Apache-2.0
// Spikes: a bit each, or the list of where they are.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "omega/compute/arrays/array.h"

namespace omega::compute {

/// A boolean array of which each row (the last axis) is packed into 64-bit words, element i in bit i % 64 of word i / 64; the bits behind a
/// row's end are 0. Copies share the words.
class SpikeArray {
 public:
  SpikeArray() = default;
  /// No spikes. `shape` has at least one axis, else std::invalid_argument.
  explicit SpikeArray(const Shape& shape);
  /// A spike where an element is not 0; any strides. Runs on the scheduler in which the calling thread works.
  static SpikeArray from_dense(const ArrayView& dense);

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] int64_t rows() const { return rows_; }
  /// Elements of a row.
  [[nodiscard]] int64_t columns() const { return columns_; }
  [[nodiscard]] int64_t words_per_row() const { return words_per_row_; }
  [[nodiscard]] const uint64_t* row(int64_t i) const { return words_.get() + i * words_per_row_; }
  [[nodiscard]] uint64_t* mutable_row(int64_t i) { return words_.get() + i * words_per_row_; }
  /// Number of spikes.
  [[nodiscard]] int64_t count() const;
  /// Writes 0 and 1 of the view's type; the shapes must be equal, else std::invalid_argument.
  void to_dense(MutableArrayView dense) const;
  [[nodiscard]] size_t byte_size() const { return static_cast<size_t>(rows_ * words_per_row_) * sizeof(uint64_t); }

 private:
  Shape shape_;
  int64_t rows_ = 0;
  int64_t columns_ = 0;
  int64_t words_per_row_ = 0;
  std::shared_ptr<uint64_t[]> words_;
};

/// The spikes of an array, row by row: the columns of row r are columns[first[r]] … columns[first[r + 1] - 1], ascending.
class EventArray {
 public:
  EventArray() = default;
  /// Throws std::invalid_argument, naming what is wrong, unless `first` has rows + 1 ascending entries that end at columns.size() and the
  /// columns of each row ascend and lie within it.
  EventArray(const Shape& shape, std::vector<int64_t> first, std::vector<int32_t> columns);
  static EventArray from_dense(const ArrayView& dense);
  static EventArray from_spikes(const SpikeArray& spikes);

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] int64_t rows() const { return static_cast<int64_t>(first_.size()) - 1; }
  [[nodiscard]] std::span<const int64_t> first() const { return first_; }
  [[nodiscard]] std::span<const int32_t> columns() const { return columns_; }
  /// The columns of one row.
  [[nodiscard]] std::span<const int32_t> row(int64_t i) const {
    return std::span(columns_).subspan(static_cast<size_t>(first_[static_cast<size_t>(i)]),
                                       static_cast<size_t>(first_[static_cast<size_t>(i) + 1] - first_[static_cast<size_t>(i)]));
  }
  void to_dense(MutableArrayView dense) const;
  [[nodiscard]] SpikeArray to_spikes() const;

 private:
  Shape shape_;
  std::vector<int64_t> first_{0};
  std::vector<int32_t> columns_;
};

}  // namespace omega::compute
