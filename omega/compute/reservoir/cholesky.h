// SPDX-License-Identifier: Apache-2.0
// Positive definite systems in float64, solved in parallel.
#pragma once

#include <cstdint>
#include <optional>

#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// Factors the symmetric n x n matrix of which `a` (rows `stride` apart, a multiple of kPanel; there are `stride` rows, those behind n and their columns are
/// not read) holds the upper triangle, into U^T U, U in its place. Blocked; the same bits at every number of threads.
/// @return the row at which the matrix turned out not to be positive definite, if any.
std::optional<int64_t> factor_cholesky(double* a, int64_t n, int64_t stride, const Execution& execution = {});
/// Solves U^T U x = b in place for `columns` right sides: `b` is n x columns, contiguous.
void solve_cholesky(const double* u, int64_t n, int64_t stride, double* b, int64_t columns);

}  // namespace omega::compute
