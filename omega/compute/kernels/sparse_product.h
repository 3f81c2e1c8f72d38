// SPDX-License-Identifier: Apache-2.0
// Products of matrices of which one is sparse, or spikes: only what is kept is multiplied.
#pragma once

#include <cstdint>
#include <span>

#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/sparse.h"
#include "omega/compute/arrays/spikes.h"
#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// A matrix of which only some elements, the terms, are not 0: those of row r stand at [first[r], first[r + 1]), their columns ascend. Views, which what they
/// are of must outlive.
struct TermRows {
  std::span<const int64_t> first;
  std::span<const int32_t> columns;
  /// One for each term; of no elements where all are 1 and `is_ones`.
  ArrayView factors;
  bool is_ones = false;
  /// Columns of the matrix.
  int64_t inner = 0;

  [[nodiscard]] int64_t rows() const { return static_cast<int64_t>(first.size()) - 1; }
};
TermRows terms_of(const SparseMatrix& matrix);
/// All rows of the array, one behind the other.
TermRows terms_of(const EventArray& events);

/// outputs = left @ right: `right` is K x N, or K numbers, contiguous; `outputs` are R x N, or R, contiguous, for `left` of R x K. All of one type: that of the
/// factors, float32 or float64; where these are 1, int32 or int64 (which wrap) as well. Every output is the sum over the terms of its row in their order,
/// fused; for one column eight such sums by position, then these in halves. So bits depend on neither the number of threads nor the instruction set. NaN and
/// infinity as NumPy with dense matrices: 0 times infinity is no number, for what is not kept too; to know, all of `right` is read once. Throws
/// std::invalid_argument naming the argument and the shapes; Stopped.
void multiply(const TermRows& left, const ArrayView& right, MutableArrayView outputs, const Execution& execution = {});
/// The same for a sparse right side, K x N of the outputs' type, float32 or float64. Where few rows have many terms, up to eight sums over parts of a row's
/// terms are added in their order; how many, sizes alone decide.
void multiply(const TermRows& left, const SparseMatrix& right, MutableArrayView outputs, const Execution& execution = {});
/// outputs = spikes @ vector, of all rows of the spikes, which are packed: sixteen sums by column, then these in halves, so that bits depend on neither the
/// number of threads nor the instruction set. Types, NaN and infinity, and what is thrown, as above.
void multiply(const SpikeArray& spikes, const ArrayView& vector, MutableArrayView outputs, const Execution& execution = {});
/// outputs = left @ right, of a dense left side, B x K, and K x N. Each of the matrix's elements is read for 128 bytes of rows, and every output is the sum
/// over k in its order, fused; fewer than four rows are multiplied as sparse ones. All of one type, float32 or float64, and contiguous.
void multiply(const ArrayView& left, const SparseMatrix& right, MutableArrayView outputs, const Execution& execution = {});

}  // namespace omega::compute
