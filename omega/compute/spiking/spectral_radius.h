// SPDX-License-Identifier: Apache-2.0
// The spectral radius of a sparse matrix: the largest magnitude of an eigenvalue.
#pragma once

#include "omega/compute/arrays/sparse.h"
#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// Spectral radius of a square matrix in float64, which is the largest of its strongly connected parts: 0 without a cycle; of a lone cycle the mean of its
/// elements; else by Arnoldi's method, restarted where 300 vectors do not suffice (the library Spectra), until the residual is below 1e-10. The same bits in
/// every run. Throws std::invalid_argument for a matrix that is not square or not finite, std::runtime_error when the method does not converge. Any thread.
double spectral_radius(const SparseMatrix& matrix, const Execution& execution = {});

}  // namespace omega::compute
