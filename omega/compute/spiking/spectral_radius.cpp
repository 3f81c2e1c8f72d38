// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/spectral_radius.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "omega/compute/spiking/counter_random.h"
#include "omega/compute/spiking/numbers.h"

namespace omega::compute {

namespace {

constexpr double kTarget = 1e-10;
constexpr double kTolerated = 1e-6;
constexpr int64_t kMostVectors = 1200;
constexpr uint32_t kStartStream = 2;

struct CompressedRows {
  std::span<const int64_t> first;
  std::span<const int32_t> columns;
  std::vector<double> values;
  int64_t count;
};

/// Whether following entries from row to column never comes back: then all eigenvalues are 0 (Kahn's topological order).
bool is_acyclic(const CompressedRows& rows) {
  std::vector<int32_t> incoming(static_cast<size_t>(rows.count));
  for (size_t k = 0; k < rows.columns.size(); ++k) {
    incoming[static_cast<size_t>(rows.columns[k])] += rows.values[k] != 0 ? 1 : 0;
  }
  std::vector<int32_t> ready;
  for (int32_t i = 0; i < rows.count; ++i) {
    if (incoming[static_cast<size_t>(i)] == 0) {
      ready.push_back(i);
    }
  }
  int64_t ordered = 0;
  while (!ready.empty()) {
    const auto row = static_cast<size_t>(ready.back());
    ready.pop_back();
    ++ordered;
    for (int64_t k = rows.first[row]; k < rows.first[row + 1]; ++k) {
      const int32_t column = rows.columns[static_cast<size_t>(k)];
      if (rows.values[static_cast<size_t>(k)] != 0 && --incoming[static_cast<size_t>(column)] == 0) {
        ready.push_back(column);
      }
    }
  }
  return ordered == rows.count;
}

Eigen::VectorXd times(const CompressedRows& rows, const Eigen::VectorXd& x, const Execution& execution) {
  Eigen::VectorXd y(rows.count);
  run_pieces(execution, rows.count, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double sum = 0;
      for (auto k = static_cast<size_t>(rows.first[static_cast<size_t>(i)]); k < static_cast<size_t>(rows.first[static_cast<size_t>(i) + 1]); ++k) {
        sum += rows.values[k] * x[rows.columns[k]];
      }
      y[i] = sum;
    }
  });
  return y;
}

/// The largest Ritz value of the leading m x m block of `hessenberg`, and the residual that `next`, the element below the block, leaves.
SpectralRadius largest_ritz_value(const Eigen::MatrixXd& hessenberg, int64_t m, double next) {
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(hessenberg.topLeftCorner(m, m), true);
  if (solver.info() != Eigen::Success) {
    throw std::runtime_error("the eigenvalues of a Hessenberg matrix did not converge");
  }
  Eigen::Index at = 0;
  const double value = solver.eigenvalues().cwiseAbs().maxCoeff(&at);
  const double last = std::abs(solver.eigenvectors()(m - 1, at)) / solver.eigenvectors().col(at).norm();
  return {value, value > 0 ? next * last / value : 0, m};
}

SpectralRadius arnoldi(const CompressedRows& rows, double scale, const Execution& execution) {
  const int64_t n = rows.count;
  const int64_t most = std::min(n, kMostVectors);
  Eigen::MatrixXd hessenberg = Eigen::MatrixXd::Zero(most + 1, most);
  int64_t look_at = std::min<int64_t>(most, 20);
  Eigen::MatrixXd basis(n, look_at + 1);  // grows as far as it is needed
  const RandomStream random(static_cast<uint64_t>(n), kStartStream);
  for (int64_t i = 0; i < n; ++i) {
    basis(i, 0) = random.normal(static_cast<uint64_t>(i));
  }
  basis.col(0).normalize();
  for (int64_t k = 0; k < most; ++k) {
    Eigen::VectorXd w = times(rows, basis.col(k), execution);
    for (int pass = 0; pass < 2; ++pass) {
      const Eigen::VectorXd h = basis.leftCols(k + 1).transpose() * w;
      w.noalias() -= basis.leftCols(k + 1) * h;
      hessenberg.col(k).head(k + 1) += h;
    }
    const double norm = w.norm();
    const bool whole = k + 1 == n || norm <= scale * 1e-14;
    if (whole || k + 1 == look_at || k + 1 == most) {
      const SpectralRadius found = largest_ritz_value(hessenberg, k + 1, whole ? 0 : norm);
      if (whole || found.residual <= kTarget || (k + 1 == most && found.residual <= kTolerated)) {
        return found;
      }
      look_at = std::min(most, look_at + look_at / 2);
      basis.conservativeResize(Eigen::NoChange, look_at + 1);
    }
    hessenberg(k + 1, k) = norm;
    basis.col(k + 1) = w / norm;
  }
  throw std::runtime_error("the spectral radius of a matrix of " + std::to_string(n) + " rows did not converge in " + std::to_string(most) +
                           " steps; its largest eigenvalues are too close to each other");
}

}  // namespace

SpectralRadius spectral_radius(const SparseMatrix& matrix, const Execution& execution) {
  if (matrix.rows() != matrix.columns()) {
    throw std::invalid_argument("matrix: " + std::to_string(matrix.rows()) + " x " + std::to_string(matrix.columns()) + " is not square");
  }
  const CompressedRows rows{matrix.first(), matrix.column_numbers(), numbers_of(matrix.values()), matrix.rows()};
  double scale = 0;
  for (const double value : rows.values) {
    if (!std::isfinite(value)) {
      throw std::invalid_argument("matrix: an element is " + std::to_string(value));
    }
    scale = std::max(scale, std::abs(value));
  }
  if (is_acyclic(rows)) {
    return {};
  }
  return arnoldi(rows, scale, execution);
}

}  // namespace omega::compute
