// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/cholesky.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "omega/compute/kernels/execution.h"
#include "omega/compute/reservoir/matrix_loops.h"

namespace omega::compute {

namespace {

constexpr int64_t kBlock = 64;

/// Row p of the block's solved rows, taken from each later row: rows [k, end), columns [from, to).
void eliminate(double* a, int64_t stride, int64_t k, int64_t end, int64_t from, int64_t to) {
  for (int64_t r = k; r < end; ++r) {
    double* const row = a + r * stride;
    double weights[kBlock];
    const double* rows[kBlock];
    for (int64_t p = k; p < r; ++p) {
      weights[p - k] = -a[p * stride + r];
      rows[p - k] = a + p * stride + from;
    }
    matrix_loops().add_rows(rows, weights, r - k, row + from, to - from);
    const double pivot = 1 / row[r];
    for (int64_t j = from; j < to; ++j) {
      row[j] *= pivot;
    }
  }
}

/// Factors rows and columns [k, end).
std::optional<int64_t> factor_diagonal(double* a, int64_t stride, int64_t k, int64_t end) {
  for (int64_t r = k; r < end; ++r) {
    double* const row = a + r * stride;
    for (int64_t p = k; p < r; ++p) {
      const double* const above = a + p * stride;
      for (int64_t j = r; j < end; ++j) {
        row[j] -= above[r] * above[j];
      }
    }
    if (!(row[r] > 0 && std::isfinite(row[r]))) {
      return r;
    }
    const double root = std::sqrt(row[r]);
    row[r] = root;
    for (int64_t j = r + 1; j < end; ++j) {
      row[j] /= root;
    }
  }
  return std::nullopt;
}

/// Rows [k, k + depth) of columns [from, stride) as panels.
void pack(const double* a, int64_t stride, int64_t k, int64_t depth, int64_t from, double* panels) {
  for (int64_t j = from; j < stride; j += kPanel) {
    for (int64_t p = 0; p < depth; ++p) {
      std::copy_n(a + (k + p) * stride + j, kPanel, panels);
      panels += kPanel;
    }
  }
}

}  // namespace

std::optional<int64_t> factor_cholesky(double* a, int64_t n, int64_t stride, const Execution& execution) {
  std::vector<double> panels(static_cast<size_t>(kBlock * stride));
  for (int64_t k = 0; k < n; k += kBlock) {
    const int64_t end = std::min(k + kBlock, n);
    if (const auto failed = factor_diagonal(a, stride, k, end)) {
      return failed;
    }
    if (end == n) {
      break;
    }
    // What follows takes whole panels; columns behind n hold nothing that is read later.
    const int64_t pieces = (stride - end) / kPanel;
    run_pieces(execution, pieces, [&](int64_t begin, int64_t until) { eliminate(a, stride, k, end, end + begin * kPanel, end + until * kPanel); });
    pack(a, stride, k, end - k, end, panels.data());
    const int64_t panel_size = (end - k) * kPanel;
    run_pieces(execution, pieces, [&](int64_t begin, int64_t until) {
      for (int64_t i = begin; i < until; ++i) {
        for (int64_t j = i; j < pieces; ++j) {
          matrix_loops().tile(panels.data() + i * panel_size, panels.data() + j * panel_size, end - k, -1, a + (end + i * kPanel) * stride + end + j * kPanel,
                              stride);
        }
      }
    });
  }
  return std::nullopt;
}

void solve_cholesky(const double* u, int64_t n, int64_t stride, double* b, int64_t columns) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t c = 0; c < columns; ++c) {
      b[i * columns + c] /= u[i * stride + i];
    }
    for (int64_t j = i + 1; j < n; ++j) {
      for (int64_t c = 0; c < columns; ++c) {
        b[j * columns + c] -= u[i * stride + j] * b[i * columns + c];
      }
    }
  }
  for (int64_t i = n; i-- > 0;) {
    for (int64_t j = i + 1; j < n; ++j) {
      for (int64_t c = 0; c < columns; ++c) {
        b[i * columns + c] -= u[i * stride + j] * b[j * columns + c];
      }
    }
    for (int64_t c = 0; c < columns; ++c) {
      b[i * columns + c] /= u[i * stride + i];
    }
  }
}

}  // namespace omega::compute
