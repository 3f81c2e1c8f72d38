// SPDX-License-Identifier: Apache-2.0
// The spectral radius of a sparse matrix: the largest magnitude of an eigenvalue.
#pragma once

#include "omega/compute/arrays/sparse.h"
#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// What was found.
struct SpectralRadius {
  double value = 0;
  /// Norm of A v - value v for the unit vector found, over value; 0 where the answer is exact.
  double residual = 0;
  /// Vectors that it took.
  int64_t iterations = 0;
};

/// Spectral radius of a square matrix in float64: 0 without a computation where its graph has no cycle; else by Arnoldi's method with full reorthogonalisation
/// (Saad 2011, "Numerical methods for large eigenvalue problems", 6.2), grown until the residual is below 1e-10 or every vector is there. The start vector is
/// seeded by nothing but the size, so the answer is the same in every run. Throws std::invalid_argument for a matrix that is not square or not finite,
/// std::runtime_error when 1,200 vectors did not suffice for 1e-6.
SpectralRadius spectral_radius(const SparseMatrix& matrix, const Execution& execution = {});

}  // namespace omega::compute
