// SPDX-License-Identifier: Apache-2.0
// The two loops of ridge regression, in float64, compiled for every instruction set. An element's sum has one order, whatever the vectors: the bits are the
// same in all.
#pragma once

#include <cstdint>

namespace omega::compute {

/// Columns of a panel: a matrix of k rows is packed as panels of kPanel columns, each k x kPanel, row by row.
inline constexpr int64_t kPanel = 16;

struct MatrixLoops {
  /// c (kPanel x kPanel, rows `stride` apart) += sign * left^T right, for panels of `depth` rows; sums start at 0 for each call.
  void (*tile)(const double* left, const double* right, int64_t depth, double sign, double* c, int64_t stride);
  /// row[j] += weights[0] * rows[0][j] + … + weights[count - 1] * rows[count - 1][j], added one after the other, for j in [0, columns).
  void (*add_rows)(const double* const* rows, const double* weights, int64_t count, double* row, int64_t columns);
};
/// The loops for this processor.
const MatrixLoops& matrix_loops();

namespace matrix_baseline {
extern const MatrixLoops kLoops;
}
namespace matrix_avx2 {
extern const MatrixLoops kLoops;
}
namespace matrix_avx512 {
extern const MatrixLoops kLoops;
}

}  // namespace omega::compute
