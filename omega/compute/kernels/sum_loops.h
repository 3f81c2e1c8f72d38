// SPDX-License-Identifier: Apache-2.0
// The innermost loops of sums, for one instruction set.
#pragma once

#include <cstdint>

#include "omega/compute/arrays/array.h"

namespace omega::compute {

/// Folds that loops know; a mean is a sum, divided later.
enum class FoldLoop : uint8_t { sum, highest, lowest };
inline constexpr int kFoldLoopCount = 3;

/// Elements of a leaf of a pairwise sum.
inline constexpr int64_t kLeafElements = 128;
/// Columns of elements of type T folded side by side at most: some kilobytes of a row, and their sums stay in the nearest cache.
template <class T>
inline constexpr int64_t kTileColumns = sizeof(T) == 1 ? 2048 : 512;
/// Rows of bits counted at most in one call.
inline constexpr int64_t kBitRows = 65535;

/// Results of sums of integers are int64; of everything else, the element type.
struct SumLoops {
  /// Folds `count` elements that lie one behind the other, at least one: in one piece if the order does not matter, else at most kLeafElements.
  void (*row[kElementTypeCount][kFoldLoopCount])(const void* elements, int64_t count, void* result);
  /// Folds `rows` rows of `columns` elements, at least one and at most kTileColumns of their type, column by column; from a row to the next it is `stride`
  /// elements. For sums of floats at most kLeafElements rows; each column is added in the order in which `row` adds.
  void (*columns[kElementTypeCount][kFoldLoopCount])(const void* elements, int64_t stride, int64_t rows, int64_t columns, void* results);
  /// Bits that are 1.
  int64_t (*bits)(const uint64_t* words, int64_t count);
  /// For each of 64 * words columns, how many of at most kBitRows rows have the bit; from a row to the next it is `stride` words.
  void (*bit_columns)(const uint64_t* rows_of_words, int64_t stride, int64_t rows, int64_t words, int32_t* counts);
};

/// Those for the processor.
const SumLoops& sum_loops();

}  // namespace omega::compute
