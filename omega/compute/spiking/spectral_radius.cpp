// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/spectral_radius.h"

#include <Spectra/GenEigsSolver.h>
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <complex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "omega/compute/spiking/counter_random.h"
#include "omega/compute/spiking/numbers.h"
#include "omega/compute/spiking/strong_components.h"

namespace omega::compute {

namespace {

/// Norm of A v - value v for unit vectors v, over value.
constexpr double kTarget = 1e-10;
constexpr double kTolerated = 1e-6;
/// Vectors held at once.
constexpr Eigen::Index kVectors = 300;
/// Eigenvalues that have to converge where the method is restarted, so that the largest is not one which was passed over; restarts.
constexpr Eigen::Index kWanted = 6;
constexpr Eigen::Index kRestarts = 500;
/// Up to so many rows all eigenvalues are computed where nothing else succeeds.
constexpr Eigen::Index kMostDense = 2000;
constexpr uint32_t kStartStream = 2;

/// A square matrix. What Spectra asks of an operator.
class CompressedRows {
 public:
  using Scalar = double;

  CompressedRows(std::vector<int64_t> first, std::vector<int32_t> columns, std::vector<double> values, const Execution& execution)
      : first_(std::move(first)), columns_(std::move(columns)), values_(std::move(values)), execution_(execution) {}

  [[nodiscard]] Eigen::Index rows() const { return static_cast<Eigen::Index>(first_.size()) - 1; }
  [[nodiscard]] Eigen::Index cols() const { return rows(); }
  void perform_op(const double* x, double* y) const {
    run_pieces(execution_, rows(), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        double sum = 0;
        for (int64_t k = first_[static_cast<size_t>(i)]; k < first_[static_cast<size_t>(i) + 1]; ++k) {
          sum += values_[static_cast<size_t>(k)] * x[columns_[static_cast<size_t>(k)]];
        }
        y[i] = sum;
      }
    });
  }
  [[nodiscard]] std::span<const double> values() const { return values_; }
  /// One element in each row, which follow each other round.
  [[nodiscard]] bool is_cycle() const { return values_.size() + 1 == first_.size(); }

  /// The rows and columns of `nodes`, in ascending order; `number` is -1 for each row, before and after.
  [[nodiscard]] CompressedRows part(std::span<const int32_t> nodes, std::vector<int32_t>& number) const {
    for (size_t i = 0; i < nodes.size(); ++i) {
      number[static_cast<size_t>(nodes[i])] = static_cast<int32_t>(i);
    }
    std::vector<int64_t> first{0};
    std::vector<int32_t> columns;
    std::vector<double> values;
    for (const int32_t node : nodes) {
      for (int64_t k = first_[static_cast<size_t>(node)]; k < first_[static_cast<size_t>(node) + 1]; ++k) {
        if (const int32_t column = number[static_cast<size_t>(columns_[static_cast<size_t>(k)])]; column >= 0) {
          columns.push_back(column);
          values.push_back(values_[static_cast<size_t>(k)]);
        }
      }
      first.push_back(static_cast<int64_t>(columns.size()));
    }
    for (const int32_t node : nodes) {
      number[static_cast<size_t>(node)] = -1;
    }
    return {std::move(first), std::move(columns), std::move(values), execution_};
  }
  [[nodiscard]] Adjacency graph() const { return {first_, columns_}; }
  [[nodiscard]] Eigen::MatrixXd dense() const {
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(rows(), rows());
    for (Eigen::Index i = 0; i < rows(); ++i) {
      for (int64_t k = first_[static_cast<size_t>(i)]; k < first_[static_cast<size_t>(i) + 1]; ++k) {
        matrix(i, columns_[static_cast<size_t>(k)]) += values_[static_cast<size_t>(k)];
      }
    }
    return matrix;
  }

 private:
  std::vector<int64_t> first_;
  std::vector<int32_t> columns_;
  std::vector<double> values_;
  Execution execution_;
};

/// `elements` of the matrix over `scale`, without zeros, which are no edges.
CompressedRows rows_of(const SparseMatrix& matrix, std::span<const double> elements, double scale, const Execution& execution) {
  std::vector<int64_t> first{0};
  std::vector<int32_t> columns;
  std::vector<double> values;
  for (size_t row = 0; row < static_cast<size_t>(matrix.rows()); ++row) {
    for (auto k = static_cast<size_t>(matrix.first()[row]); k < static_cast<size_t>(matrix.first()[row + 1]); ++k) {
      if (elements[k] != 0) {
        columns.push_back(matrix.column_numbers()[k]);
        values.push_back(elements[k] / scale);
      }
    }
    first.push_back(static_cast<int64_t>(columns.size()));
  }
  return {std::move(first), std::move(columns), std::move(values), execution};
}

double radius_of_cycle(std::span<const double> values) {
  double logarithms = 0;
  for (const double value : values) {
    logarithms += std::log(std::abs(value));
  }
  return std::exp(logarithms / static_cast<double>(values.size()));
}

double radius_of_dense(const Eigen::MatrixXd& matrix) {
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(matrix, false);
  if (solver.info() != Eigen::Success) {
    throw std::runtime_error("the eigenvalues of a matrix of " + std::to_string(matrix.rows()) + " rows did not converge");
  }
  return solver.eigenvalues().cwiseAbs().maxCoeff();
}

/// The largest Ritz value of a leading block of the Hessenberg matrix, and the residual that `next`, the element below the block, leaves, over the value.
struct RitzValue {
  double value = 0;
  double residual = 0;
};

/// The last element of an unreduced Hessenberg matrix's eigenvector, over its norm: each row gives the element before.
double last_element(const Eigen::MatrixXd& hessenberg, std::complex<double> value) {
  const Eigen::Index n = hessenberg.rows();
  Eigen::VectorXcd vector(n);
  vector[n - 1] = 1;
  for (Eigen::Index row = n - 1; row > 0; --row) {
    std::complex<double> sum = -value * vector[row];
    for (Eigen::Index column = row; column < n; ++column) {
      sum += hessenberg(row, column) * vector[column];
    }
    vector[row - 1] = -sum / hessenberg(row, row - 1);
    if (!(std::abs(vector[row - 1]) < 1e100)) {
      return 0;
    }
  }
  return 1 / vector.norm();
}

RitzValue largest_ritz_value(const Eigen::MatrixXd& block, double next) {
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(block, false);
  if (solver.info() != Eigen::Success) {
    throw std::runtime_error("the eigenvalues of a Hessenberg matrix did not converge");
  }
  Eigen::Index at = 0;
  const double value = solver.eigenvalues().cwiseAbs().maxCoeff(&at);
  return {value, value > 0 && next > 0 ? next * last_element(block, solver.eigenvalues()[at]) / value : 0};
}

/// By Arnoldi's method with full reorthogonalisation (Saad 2011, "Numerical methods for large eigenvalue problems", 6.2), until the residual is below the
/// target or the space that the start vector spans is complete, as it soon is for a matrix of low rank. Nothing when kVectors do not suffice.
std::optional<double> radius_by_arnoldi(const CompressedRows& rows) {
  const Eigen::Index n = rows.rows();
  const Eigen::Index most = std::min(n, kVectors);
  Eigen::MatrixXd hessenberg = Eigen::MatrixXd::Zero(most + 1, most);
  Eigen::MatrixXd basis(n, most + 1);
  const RandomStream random(static_cast<uint64_t>(n), kStartStream);
  for (Eigen::Index i = 0; i < n; ++i) {
    basis(i, 0) = random.normal(static_cast<uint64_t>(i));
  }
  basis.col(0).normalize();
  Eigen::Index look_at = std::min<Eigen::Index>(most, 20);
  Eigen::VectorXd w(n);
  for (Eigen::Index k = 0; k < most; ++k) {
    rows.perform_op(basis.col(k).data(), w.data());
    const double before = w.norm();
    for (int pass = 0; pass < 2; ++pass) {
      const Eigen::VectorXd h = basis.leftCols(k + 1).transpose() * w;
      w.noalias() -= basis.leftCols(k + 1) * h;
      hessenberg.col(k).head(k + 1) += h;
    }
    const double norm = w.norm();
    const bool is_complete = k + 1 == n || norm <= before * 1e-13;
    if (is_complete || k + 1 == look_at) {
      const RitzValue found = largest_ritz_value(hessenberg.topLeftCorner(k + 1, k + 1), is_complete ? 0 : norm);
      if (is_complete || found.residual <= kTarget) {
        return found.value;
      }
      look_at = std::min(most, look_at + look_at / 2);
    }
    hessenberg(k + 1, k) = norm;
    basis.col(k + 1) = w / norm;
  }
  return std::nullopt;
}

/// Norm of A v - value v, over the value, for an eigenvector that was found.
double residual_of(const CompressedRows& rows, const Eigen::VectorXcd& vector, std::complex<double> value) {
  Eigen::VectorXd real(rows.rows());
  Eigen::VectorXd imaginary(rows.rows());
  const Eigen::VectorXd parts[] = {vector.real(), vector.imag()};
  rows.perform_op(parts[0].data(), real.data());
  rows.perform_op(parts[1].data(), imaginary.data());
  const Eigen::VectorXcd product = real.cast<std::complex<double>>() + std::complex<double>(0, 1) * imaginary.cast<std::complex<double>>();
  return (product - value * vector).norm() / (std::abs(value) * vector.norm());
}

/// With implicit restarts (Sorensen 1992), for spectra that crowd at their edge as those of random matrices do. Nothing when it does not converge, or to what
/// is no eigenvalue: Spectra goes astray where the space of its vectors is complete.
std::optional<double> radius_by_restarts(CompressedRows& rows) {
  Spectra::GenEigsSolver<CompressedRows> solver(rows, kWanted, kVectors);
  solver.init();
  solver.compute(Spectra::SortRule::LargestMagn, kRestarts, kTarget);
  if (solver.info() != Spectra::CompInfo::Successful) {
    return std::nullopt;
  }
  const Eigen::VectorXcd values = solver.eigenvalues();
  Eigen::Index at = 0;
  const double largest = values.cwiseAbs().maxCoeff(&at);
  if (!(residual_of(rows, solver.eigenvectors().col(at), values[at]) <= kTolerated)) {
    return std::nullopt;
  }
  return largest;
}

/// Of a matrix whose graph is strongly connected.
double radius_of_component(CompressedRows& rows) {
  if (rows.is_cycle()) {
    return radius_of_cycle(rows.values());
  }
  std::optional<double> found = radius_by_arnoldi(rows);
  if (!found) {
    found = radius_by_restarts(rows);
  }
  if (!found && rows.rows() <= kMostDense) {
    found = radius_of_dense(rows.dense());
  }
  if (found) {
    return *found;
  }
  throw std::runtime_error("the spectral radius of a matrix of " + std::to_string(rows.rows()) + " rows did not converge in " + std::to_string(kRestarts) +
                           " restarts; its largest eigenvalues are too close to each other");
}

}  // namespace

double spectral_radius(const SparseMatrix& matrix, const Execution& execution) {
  if (matrix.rows() != matrix.columns()) {
    throw std::invalid_argument("matrix: " + std::to_string(matrix.rows()) + " x " + std::to_string(matrix.columns()) + " is not square");
  }
  const std::vector<double> elements = numbers_of(matrix.values());
  double scale = 0;
  for (const double value : elements) {
    if (!std::isfinite(value)) {
      throw std::invalid_argument("matrix: an element is " + std::to_string(value));
    }
    scale = std::max(scale, std::abs(value));
  }
  if (scale == 0) {
    return 0;
  }
  scale = std::scalbn(1.0, std::ilogb(scale));  // so that dividing by it rounds nothing
  const CompressedRows rows = rows_of(matrix, elements, scale, execution);
  std::vector<int32_t> number(static_cast<size_t>(rows.rows()), -1);
  double largest = 0;
  for (const std::vector<int32_t>& nodes : components_with_cycles(rows.graph())) {
    CompressedRows part = rows.part(nodes, number);
    largest = std::max(largest, radius_of_component(part));
  }
  return largest * scale;
}

}  // namespace omega::compute
