// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/ridge.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <vector>

#include "omega/compute/kernels/kernel_testing.h"
#include "omega/compute/reservoir/cholesky.h"
#include "omega/compute/reservoir/matrix_loops.h"
#include "omega/compute/spiking/counter_random.h"
#include "omega/compute/spiking/encoders.h"
#include "omega/compute/spiking/liquid_state_machine.h"
#include "omega/compute/spiking/numbers.h"

namespace omega::compute {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix normal_matrix(int64_t rows, int64_t columns, uint32_t stream) {
  const RandomStream random(1, stream);
  Matrix m(rows, columns);
  for (int64_t i = 0; i < m.size(); ++i) {
    m.data()[i] = random.normal(static_cast<uint64_t>(i));
  }
  return m;
}

ArrayView view(const Matrix& m) { return view_of(m.data(), Shape{m.rows(), m.cols()}); }
Eigen::Map<const Matrix> weights_of(const LinearReadout& r) { return {r.weights.as<double>(), r.weights.shape()[0], r.weights.shape()[1]}; }

/// Ridge with free intercepts, by another way: centred columns, an orthogonal factorisation of the rows that the penalty adds.
Matrix reference_weights(const Matrix& x, const Matrix& y, double lambda) {
  Matrix rows(x.rows() + x.cols(), x.cols());
  rows << Matrix(x.rowwise() - x.colwise().mean()), Matrix(std::sqrt(lambda) * Matrix::Identity(x.cols(), x.cols()));
  Matrix right = Matrix::Zero(rows.rows(), y.cols());
  right.topRows(y.rows()) = y.rowwise() - y.colwise().mean();
  return Matrix(rows.colPivHouseholderQr().solve(right));
}

PanelMatrix upper_panels(const Matrix& a) {
  PanelMatrix panels(a.rows());
  for (int64_t i = 0; i < a.rows(); ++i) {
    for (int64_t j = i; j < a.rows(); ++j) {
      panels.element(i, j) = a(i, j);
    }
  }
  return panels;
}

TEST(Cholesky, FactorsEverySize) {
  for (const int64_t n : {1, 2, 15, 16, 17, 63, 64, 65, 130, 200}) {
    const Matrix x = normal_matrix(n + 5, n, 3);
    const Matrix a = x.transpose() * x;
    PanelMatrix panels = upper_panels(a);
    ASSERT_FALSE(factor_cholesky(panels)) << n;
    const Matrix factor = a.llt().matrixU();
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = i; j < n; ++j) {
        ASSERT_NEAR(panels.element(i, j), factor(i, j), 1e-9 * factor.norm()) << n;
      }
    }
    const Matrix right = normal_matrix(n, 1, 4);
    Matrix b = right;
    solve_cholesky(panels, b.data());
    EXPECT_LT((a * b - right).norm(), 1e-9 * right.norm() * static_cast<double>(n)) << n;
  }
}

TEST(Cholesky, NamesTheRowThatFails) {
  Matrix a = Matrix::Identity(80, 80);
  a(70, 70) = -1;
  PanelMatrix panels = upper_panels(a);
  EXPECT_EQ(factor_cholesky(panels), 70);
}

TEST(Ridge, SolvesAsAnOrthogonalFactorisationDoes) {
  for (const int64_t features : {1, 7, 33}) {
    const Matrix x = normal_matrix(300, features, 5) + Matrix::Constant(300, features, 2);
    const Matrix y = normal_matrix(300, 2, 6) + x.leftCols(1) * Matrix::Ones(1, 2);
    RidgeSystem system(features, 2);
    system.add(view(x), view(y));
    const LinearReadout readout = system.solve(0.5);
    EXPECT_LT((weights_of(readout) - reference_weights(x, y, 0.5)).norm(), 1e-10);
    const Array said = predict(readout, view(x));
    const Eigen::Map<const Matrix> predicted(said.as<double>(), 300, 2);
    EXPECT_NEAR((predicted - y).colwise().mean().norm(), 0, 1e-10);  // the intercepts are free
  }
}

TEST(Ridge, PartsAddUp) {
  const Matrix x = normal_matrix(700, 20, 7);
  const Matrix y = normal_matrix(700, 1, 8);
  RidgeSystem whole(20, 1);
  whole.add(view(x), view(y));
  RidgeSystem parts(20, 1);
  parts.add(view(Matrix(x.topRows(100))), view(Matrix(y.topRows(100))));
  parts.add(view(Matrix(x.bottomRows(600))), view(Matrix(y.bottomRows(600))));
  EXPECT_EQ(parts.samples(), 700);
  EXPECT_LT((weights_of(whole.solve(1)) - weights_of(parts.solve(1))).norm(), 1e-12);
}

struct SpikeCase {
  int64_t steps;
  int64_t batch;
  int64_t features;
  int64_t warmup;
  double rate;
};

class SpikeRidge : public ::testing::TestWithParam<SpikeCase> {};
INSTANTIATE_TEST_SUITE_P(Ridge, SpikeRidge,
                         ::testing::Values(SpikeCase{1200, 1, 30, 0, 0.1}, SpikeCase{1200, 1, 30, 100, 0.1}, SpikeCase{700, 3, 150, 600, 0.05},
                                           SpikeCase{64, 2, 65, 3, 0.5}, SpikeCase{513, 1, 129, 512, 1.0}, SpikeCase{20, 4, 5, 0, 0.0}));

TEST_P(SpikeRidge, IsThatOfTheFilteredSpikes) {
  const auto [steps, batch, features, warmup, rate] = GetParam();
  constexpr double kDecay = 0.95;
  const std::vector<double> rates(static_cast<size_t>(batch * features), rate);
  const SpikeArray spikes = rate_encode(view_of(rates.data(), Shape{batch, features}), steps, 3);
  const Matrix before = normal_matrix(batch, features, 9);
  const Matrix targets = normal_matrix(steps * batch, 2, 10);
  Matrix filtered(steps * batch, features);
  Matrix trace = before;
  const MutableArrayView each_step = mutable_view_of(filtered.data(), Shape{steps, batch, features});
  filter_on(spikes, kDecay, mutable_view_of(trace.data(), Shape{batch, features}), &each_step);

  RidgeSystem from_spikes(features, 2);
  from_spikes.add_spikes(spikes, kDecay, view(before), view_of(targets.data(), Shape{steps, batch, 2}), warmup);
  RidgeSystem dense(features, 2);
  const int64_t rows = (steps - warmup) * batch;
  dense.add(view(Matrix(filtered.bottomRows(rows))), view(Matrix(targets.bottomRows(rows))));
  ASSERT_EQ(from_spikes.samples(), rows);
  const LinearReadout a = from_spikes.solve(0.1);
  const LinearReadout b = dense.solve(0.1);
  EXPECT_LT((weights_of(a) - weights_of(b)).norm(), 1e-9 * (1 + weights_of(b).norm()));

  const Array said = predict_from_spikes(a, spikes, kDecay, view(before));
  const Array expected = predict(a, view_of(filtered.data(), Shape{steps, batch, features}));
  ASSERT_EQ(said.shape(), expected.shape());
  for (int64_t i = 0; i < said.shape().count(); ++i) {
    ASSERT_NEAR(said.as<double>()[i], expected.as<double>()[i], 1e-9);
  }
}

TEST(Ridge, ThreadsAndInstructionSetsChangeNothing) {
  const std::vector<double> rates(150, 0.1);
  const SpikeArray spikes = rate_encode(view_of(rates.data(), Shape{1, 150}), 900, 3);
  const Matrix before = normal_matrix(1, 150, 9);
  const Matrix targets = normal_matrix(900, 2, 10);
  const Matrix x = normal_matrix(900, 150, 11);
  const auto fit = [&](unsigned threads) {
    task::Scheduler scheduler(threads);
    const Execution execution{.scheduler = &scheduler};
    RidgeSystem system(150, 2);
    system.add_spikes(spikes, 0.9, view(before), view_of(targets.data(), Shape{900, 1, 2}), 10, execution);
    system.add(view(x), view(targets), execution);
    return numbers_of(system.solve(0.1, execution).weights.view());
  };
  const std::vector<double> expected = fit(1);
  EXPECT_EQ(fit(2), expected);
  EXPECT_EQ(fit(5), expected);
  testing::with_every_instruction_set([&] { EXPECT_EQ(fit(2), expected); });
}

TEST(Ridge, WhatCannotBeIsNamed) {
  Matrix x = normal_matrix(10, 3, 12);
  x.col(2) = x.col(0);
  const Matrix y = normal_matrix(10, 1, 13);
  RidgeSystem system(3, 1);
  EXPECT_THROW((void)system.solve(1), std::invalid_argument);  // no samples
  system.add(view(x), view(y));
  EXPECT_THROW((void)system.solve(-1), std::invalid_argument);
  EXPECT_THROW((void)system.solve(0), std::invalid_argument);  // two equal columns
  EXPECT_NO_THROW((void)system.solve(1e-3));
  EXPECT_THROW(system.add(view(x), view(Matrix(y.topRows(9)))), std::invalid_argument);
  EXPECT_THROW(system.add(view(y), view(y)), std::invalid_argument);
  x(4, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(system.add(view(x), view(y)), std::invalid_argument);
}

}  // namespace
}  // namespace omega::compute
