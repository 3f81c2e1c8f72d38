// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/cholesky.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace omega::compute {

namespace {

/// Rows of a block; the columns of its diagonal part are a strip.
constexpr int64_t kBlock = kStrip;

/// Takes what the rows above row k contribute from rows [k, end) of a panel.
void subtract_above(PanelMatrix& a, int64_t k, int64_t end, int64_t panel) {
  for (int64_t row = k; row < end; row += kPanel) {
    matrix_loops().tile(a.at(row / kPanel, 0), a.at(panel, 0), k, -1, a.at(panel, row), kPanel);
  }
}

/// Factors rows and columns [k, end), and copies them to `u`, its diagonal inverted, as solve_panel takes it.
std::optional<int64_t> factor_diagonal(PanelMatrix& a, int64_t k, int64_t end, std::array<double, kBlock * kStrip>& u) {
  const int64_t size = end - k;
  for (int64_t r = 0; r < size; ++r) {
    for (int64_t j = r; j < size; ++j) {
      u[static_cast<size_t>(r * kStrip + j)] = a.element(k + r, k + j);
    }
  }
  for (int64_t p = 0; p < size; ++p) {
    double* const row = u.data() + p * kStrip;
    if (!(row[p] > 0 && std::isfinite(row[p]))) {
      return k + p;
    }
    const double root = std::sqrt(row[p]);
    a.element(k + p, k + p) = root;
    row[p] = 1 / root;
    for (int64_t j = p + 1; j < size; ++j) {
      row[j] *= row[p];
      a.element(k + p, k + j) = row[j];
    }
    for (int64_t r = p + 1; r < size; ++r) {
      for (int64_t j = r; j < size; ++j) {
        u[static_cast<size_t>(r * kStrip + j)] -= row[r] * row[j];
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> factor_cholesky(PanelMatrix& a, const Execution& execution) {
  std::array<double, kBlock * kStrip> u{};
  for (int64_t k = 0; k < a.n; k += kBlock) {
    const int64_t end = std::min(k + kBlock, a.n);
    const int64_t next = std::min((k + kBlock) / kPanel, a.panels());
    run_pieces(execution, next - k / kPanel, [&](int64_t begin, int64_t until) {
      for (int64_t panel = begin; panel < until; ++panel) {
        subtract_above(a, k, end, k / kPanel + panel);
      }
    });
    if (const auto failed = factor_diagonal(a, k, end, u)) {
      return failed;
    }
    run_pieces(execution, a.panels() - next, [&](int64_t begin, int64_t until) {
      for (int64_t panel = next + begin; panel < next + until; ++panel) {
        subtract_above(a, k, end, panel);
        matrix_loops().solve_panel(u.data(), end - k, a.at(panel, k));
      }
    });
  }
  return std::nullopt;
}

void solve_cholesky(const PanelMatrix& u, double* b) {
  const int64_t n = u.n;
  std::vector<double> x(static_cast<size_t>(u.rows));
  std::copy_n(b, n, x.begin());
  for (int64_t i = 0; i < n; ++i) {
    // The rows of a panel follow each other: what lies right of the diagonal in this panel first, in all others when the panel is solved.
    const int64_t panel = i / kPanel;
    const double* const row = u.at(panel, i);
    x[static_cast<size_t>(i)] /= row[i % kPanel];
    for (int64_t j = i % kPanel + 1; j < kPanel; ++j) {
      x[static_cast<size_t>(panel * kPanel + j)] -= row[j] * x[static_cast<size_t>(i)];
    }
    if (i % kPanel == kPanel - 1) {
      for (int64_t right = panel + 1; right < u.panels(); ++right) {
        for (int64_t r = 0; r < kPanel; ++r) {
          const double* const other = u.at(right, panel * kPanel + r);
          for (int64_t j = 0; j < kPanel; ++j) {
            x[static_cast<size_t>(right * kPanel + j)] -= other[j] * x[static_cast<size_t>(panel * kPanel + r)];
          }
        }
      }
    }
  }
  for (int64_t panel = u.panels(); panel-- > 0;) {
    const int64_t first = panel * kPanel;
    for (int64_t i = std::min(first + kPanel, n); i-- > first;) {
      const double* const row = u.at(panel, i);
      for (int64_t j = i + 1; j < std::min(first + kPanel, n); ++j) {
        x[static_cast<size_t>(i)] -= row[j - first] * x[static_cast<size_t>(j)];
      }
      x[static_cast<size_t>(i)] /= row[i - first];
    }
    // What this panel's unknowns take from all rows above it.
    for (int64_t i = 0; i < first; ++i) {
      const double* const row = u.at(panel, i);
      double sum = 0;
      for (int64_t j = 0; j < std::min(kPanel, n - first); ++j) {
        sum += row[j] * x[static_cast<size_t>(first + j)];
      }
      x[static_cast<size_t>(i)] -= sum;
    }
  }
  std::copy_n(x.begin(), n, b);
}

}  // namespace omega::compute
