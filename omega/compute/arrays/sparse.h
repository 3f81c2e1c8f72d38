// SPDX-License-Identifier: Apache-2.0
// Sparse matrices in compressed rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "omega/compute/arrays/array.h"

namespace omega::compute {

/// A matrix of float32 or float64 of which only some elements are kept: those of row r are values[first[r]] … values[first[r + 1] - 1], in the columns
/// of the same numbers, ascending. An immutable value; copies share.
class SparseMatrix {
 public:
  SparseMatrix() = default;
  /// Takes over compressed rows. Throws std::invalid_argument, naming what is wrong: type other than float32 or float64, rows that do not ascend, a column
  /// outside or twice.
  SparseMatrix(int64_t rows, int64_t columns, std::vector<int64_t> first, std::vector<int32_t> column_numbers, Array values);
  /// What is not 0 in a matrix of rank 2. Integer elements become float64.
  static SparseMatrix from_dense(const ArrayView& dense);

  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t columns() const { return columns_; }
  [[nodiscard]] ElementType type() const { return values_.type(); }
  /// Elements kept.
  [[nodiscard]] int64_t count() const { return static_cast<int64_t>(column_numbers().size()); }
  [[nodiscard]] std::span<const int64_t> first() const { return parts_->first; }
  [[nodiscard]] std::span<const int32_t> column_numbers() const { return parts_->column_numbers; }
  [[nodiscard]] ArrayView values() const { return values_.view(); }
  void to_dense(MutableArrayView dense) const;
  [[nodiscard]] SparseMatrix transposed() const;

 private:
  struct Parts {
    std::vector<int64_t> first{0};
    std::vector<int32_t> column_numbers;
  };
  int64_t rows_ = 0;
  int64_t columns_ = 0;
  std::shared_ptr<const Parts> parts_ = std::make_shared<const Parts>();
  Array values_;
};

}  // namespace omega::compute
