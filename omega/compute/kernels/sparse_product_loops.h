// SPDX-License-Identifier: Apache-2.0
// The loops of multiply() (sparse_product.h), one compilation for each instruction set.
#pragma once

#include <cstdint>

namespace omega::compute {

/// Terms of one row: `count` columns, each with a factor, or with 1 where `factors` is null.
template <class T>
struct Terms {
  const int32_t* columns;
  const T* factors;
  int64_t count;
};

/// Compressed rows of a matrix.
template <class T>
struct MatrixRows {
  const int64_t* first;
  const int32_t* columns;
  const T* values;
};

/// Columns [begin, end) of a matrix.
struct ColumnRange {
  int64_t begin;
  int64_t end;
};

/// T: float, double, uint32_t, uint64_t; integers wrap and have no factors.
template <class T>
struct SparseProductLoops {
  /// outputs[i] = sum over the terms, in their order, of factor * matrix[column * stride + i], for i in [0, width).
  void (*add_rows)(const Terms<T>& terms, const T* matrix, int64_t stride, T* outputs, int64_t width);
  /// The sum over the terms of factor * vector[column]; eight partial sums by position, then these in halves.
  T (*dot)(const Terms<T>& terms, const T* vector);
  /// outputs[n] += sum over the terms, in their order, of factor * matrix(column, n). Floats alone.
  void (*scatter)(const Terms<T>& terms, const MatrixRows<T>& matrix, T* outputs);
  /// The sum of the vector's elements at the bits of a row; sixteen partial sums by column, then these in halves.
  T (*dot_bits)(const uint64_t* words, int64_t columns, const T* vector);
  /// sums[(n - range.begin) * width + i] += matrix(k, n) * factors[k * width + i], for k in [0, rows), ascending, n in the range and i in [0, width), which are
  /// 128 or 64 bytes. at[k] is where the range begins among the elements of row k, and is moved to where it ends. Floats alone.
  void (*add_side_by_side)(const MatrixRows<T>& matrix, int64_t rows, int64_t* at, ColumnRange range, const T* factors, T* sums, int64_t width);
  /// Whether no number is infinite or NaN. Floats alone.
  bool (*all_finite)(const T* numbers, int64_t count);
};

struct SparseProducts {
  SparseProductLoops<float> float32;
  SparseProductLoops<double> float64;
  SparseProductLoops<uint32_t> int32;
  SparseProductLoops<uint64_t> int64;

  template <class T>
  [[nodiscard]] const SparseProductLoops<T>& of() const;
};
template <>
inline const SparseProductLoops<float>& SparseProducts::of() const {
  return float32;
}
template <>
inline const SparseProductLoops<double>& SparseProducts::of() const {
  return float64;
}
template <>
inline const SparseProductLoops<uint32_t>& SparseProducts::of() const {
  return int32;
}
template <>
inline const SparseProductLoops<uint64_t>& SparseProducts::of() const {
  return int64;
}

extern const SparseProducts kSparseProductsBaseline;
extern const SparseProducts kSparseProductsAvx2;
extern const SparseProducts kSparseProductsAvx512;

}  // namespace omega::compute
