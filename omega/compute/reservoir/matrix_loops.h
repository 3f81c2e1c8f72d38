// SPDX-License-Identifier: Apache-2.0
// The loops of ridge regression, in float64, compiled for every instruction set. An element's sum has one order, whatever the vectors: the bits are the same in
// all.
#pragma once

#include <cstdint>

namespace omega::compute {

/// Columns of a panel: rows of kPanel numbers, one behind the other.
inline constexpr int64_t kPanel = 16;
/// Columns of a strip, which the events of a neuron are added to; four panels.
inline constexpr int64_t kStrip = 64;

struct MatrixLoops {
  /// c (kPanel x kPanel, rows `stride` apart) += sign * left^T right, for panels of `depth` rows; sums start at 0 for each call.
  void (*tile)(const double* left, const double* right, int64_t depth, double sign, double* c, int64_t stride);
  /// row (kStrip numbers) += weights[t] * seen[t * kStrip …], for t = steps[0], …, steps[count - 1], added one after the other.
  void (*add_events)(const double* seen, const double* weights, const int32_t* steps, int64_t count, double* row);
  /// Solves U^T x = b in place for a panel b of `rows` rows; `u` is upper triangular, its rows kStrip apart, its diagonal the inverses.
  void (*solve_panel)(const double* u, int64_t rows, double* panel);
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
