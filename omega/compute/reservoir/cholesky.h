// SPDX-License-Identifier: Apache-2.0
// Positive definite systems in float64, solved in parallel.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "omega/compute/kernels/execution.h"
#include "omega/compute/reservoir/matrix_loops.h"

namespace omega::compute {

/// A square matrix in panels: columns [0, kPanel) of all rows, then the next ones. Rows and columns behind n, up to whole panels, hold numbers that nothing
/// reads.
struct PanelMatrix {
  explicit PanelMatrix(int64_t size) : n(size), rows((size + kPanel - 1) / kPanel * kPanel), numbers(static_cast<size_t>(rows * rows)) {}

  [[nodiscard]] int64_t panels() const { return rows / kPanel; }
  /// Row `row` of panel `panel`.
  [[nodiscard]] double* at(int64_t panel, int64_t row) { return numbers.data() + (panel * rows + row) * kPanel; }
  [[nodiscard]] const double* at(int64_t panel, int64_t row) const { return numbers.data() + (panel * rows + row) * kPanel; }
  /// Element (row, column).
  [[nodiscard]] double& element(int64_t row, int64_t column) { return at(column / kPanel, row)[column % kPanel]; }
  [[nodiscard]] double element(int64_t row, int64_t column) const { return at(column / kPanel, row)[column % kPanel]; }

  int64_t n;
  int64_t rows;
  std::vector<double> numbers;
};

/// Factors the symmetric matrix of which `a` holds the upper triangle into U^T U, U in its place. Blocked, row by row of blocks, so that each block is touched
/// once; the same bits at every number of threads.
/// @return the row at which the matrix turned out not to be positive definite, if any.
std::optional<int64_t> factor_cholesky(PanelMatrix& a, const Execution& execution = {});
/// Solves U^T U x = b in place: `b` is n numbers.
void solve_cholesky(const PanelMatrix& u, double* b);

}  // namespace omega::compute
