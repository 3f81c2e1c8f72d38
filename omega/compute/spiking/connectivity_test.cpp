// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/connectivity.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <tuple>
#include <vector>

#include "omega/compute/spiking/counter_random.h"
#include "omega/compute/spiking/numbers.h"
#include "omega/compute/spiking/spectral_radius.h"

namespace omega::compute {
namespace {

/// One element in each row.
SparseMatrix one_each(const std::vector<int32_t>& columns, const std::vector<double>& values) {
  std::vector<int64_t> first(columns.size() + 1);
  std::iota(first.begin(), first.end(), 0);
  const auto n = static_cast<int64_t>(columns.size());
  Array array(ElementType::float64, Shape{n});
  std::ranges::copy(values, array.mutable_view().as<double>());
  return {n, n, std::move(first), columns, std::move(array)};
}

SparseMatrix matrix_of(const std::vector<double>& dense, int64_t n) { return SparseMatrix::from_dense(view_of(dense.data(), Shape{n, n})); }

TEST(SpectralRadius, KnownMatrices) {
  EXPECT_NEAR(spectral_radius(matrix_of({2, 1, 0, -3}, 2)), 3, 1e-12);
  EXPECT_NEAR(spectral_radius(matrix_of({0, -5, 5, 0}, 2)), 5, 1e-12);  // a pair of imaginary eigenvalues
  EXPECT_NEAR(spectral_radius(matrix_of({-7}, 1)), 7, 1e-12);
  EXPECT_EQ(spectral_radius(matrix_of({0, 1, 1, 0, 0, 1, 0, 0, 0}, 3)), 0);  // nilpotent: no cycle
  EXPECT_EQ(spectral_radius(matrix_of({0, 0, 0, 0}, 2)), 0);
}

TEST(SpectralRadius, IsThatOfTheLargestPart) {
  // 0 -> 1 -> 2 -> 0 with the mean 2, 3 <-> 4 with the mean 3, 5 alone with 1, and edges between them, which count for nothing.
  std::vector<double> dense(36);
  for (const auto& [row, column, value] :
       {std::tuple{0, 1, 1.0}, {1, 2, -4.0}, {2, 0, 2.0}, {3, 4, 9.0}, {4, 3, 1.0}, {5, 5, -1.0}, {0, 3, 100.0}, {4, 5, 100.0}}) {
    dense[static_cast<size_t>(row) * 6 + static_cast<size_t>(column)] = value;
  }
  EXPECT_NEAR(spectral_radius(matrix_of(dense, 6)), 3, 1e-12);
  dense[3 * 6 + 4] = 0;
  EXPECT_NEAR(spectral_radius(matrix_of(dense, 6)), 2, 1e-12);
  dense[2 * 6 + 0] = 0;
  EXPECT_DOUBLE_EQ(spectral_radius(matrix_of(dense, 6)), 1);
}

TEST(SpectralRadius, ElementsMayBeOfAnySize) {
  for (const double scale : {1e-300, 1e-30, 1e30, 1e300}) {
    std::vector<double> dense(150 * 150);
    std::mt19937_64 engine(5);
    std::ranges::generate(dense, [&] { return scale * (static_cast<double>(engine() >> 11) * 0x1p-53 - 0.5); });
    std::vector<double> ordinary = dense;
    std::ranges::transform(ordinary, ordinary.begin(), [&](double value) { return value / scale; });
    EXPECT_NEAR(spectral_radius(matrix_of(dense, 150)) / scale, spectral_radius(matrix_of(ordinary, 150)), 1e-9) << scale;
  }
}

// More rows than the first iterations have vectors, and eigenvalues that crowd at the spectrum's edge, so that they are restarted.
TEST(SpectralRadius, OfManyRowsIsThatOfAllEigenvalues) {
  constexpr int64_t kN = 700;
  std::vector<double> dense(kN * kN);
  std::mt19937_64 engine(3);
  std::ranges::generate(dense, [&] { return static_cast<double>(engine() >> 11) * 0x1p-53 - 0.5; });
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(Eigen::Map<const Eigen::MatrixXd>(dense.data(), kN, kN), false);
  EXPECT_NEAR(spectral_radius(matrix_of(dense, kN)), solver.eigenvalues().cwiseAbs().maxCoeff(), 1e-8);
}

TEST(SpectralRadius, OfLowRank) { EXPECT_NEAR(spectral_radius(matrix_of(std::vector<double>(450 * 450, 1.0), 450)), 450, 1e-9); }

TEST(SpectralRadius, TenThousandsOfPartsAndALongCycle) {
  constexpr int32_t kN = 40'000;
  std::vector<int32_t> pairs(kN);
  std::vector<int32_t> round(kN);
  std::vector<double> values(kN);
  for (int32_t i = 0; i < kN; ++i) {
    pairs[static_cast<size_t>(i)] = i ^ 1;
    round[static_cast<size_t>(i)] = (i + 1) % kN;
    values[static_cast<size_t>(i)] = i % 2 == 0 ? 0.5 : 2.0 * static_cast<double>(i) / kN;
  }
  EXPECT_NEAR(spectral_radius(one_each(pairs, values)), std::sqrt(values[kN - 1] * 0.5), 1e-12);
  double logarithms = 0;
  for (const double value : values) {
    logarithms += std::log(value);
  }
  EXPECT_NEAR(spectral_radius(one_each(round, values)), std::exp(logarithms / kN), 1e-9);
}

// The circulant matrix of a row c has the eigenvalues sum_k c_k w^(jk): here 1 + 2 cos(2 pi j / n), the largest of which is 3; the smallest, -1.
TEST(SpectralRadius, Circulant) {
  constexpr int64_t kN = 200;
  std::vector<double> dense(kN * kN);
  for (int64_t i = 0; i < kN; ++i) {
    for (const int64_t k : {kN - 1, int64_t{0}, int64_t{1}}) {
      dense[static_cast<size_t>(i * kN + (i + k) % kN)] = 1;
    }
  }
  EXPECT_NEAR(spectral_radius(matrix_of(dense, kN)), 3, 1e-9);
}

TEST(SpectralRadius, RefusesWhatHasNone) {
  const std::vector<double> oblong(6, 1.0);
  EXPECT_THROW((void)spectral_radius(SparseMatrix::from_dense(view_of(oblong.data(), Shape{2, 3}))), std::invalid_argument);
  EXPECT_THROW((void)spectral_radius(matrix_of({1, std::numeric_limits<double>::infinity(), 1, 1}, 2)), std::invalid_argument);
}

class EveryTopology : public testing::TestWithParam<Topology> {};
INSTANTIATE_TEST_SUITE_P(Connectivity, EveryTopology, testing::Values(Topology::random, Topology::distance, Topology::small_world));

TEST_P(EveryTopology, RadiusSignsAndNoLoops) {
  ConnectivityConfig config;
  config.reservoir_size = 300;
  config.topology = GetParam();
  config.spectral_radius = 0.9;
  config.seed = 4;
  config.type = ElementType::float64;
  const RecurrentWeights weights = make_recurrent_weights(config);
  EXPECT_NEAR(spectral_radius(weights.matrix), 0.9, 1e-8);
  EXPECT_EQ(std::ranges::count(weights.inhibitory, false), 240);
  const double* const values = weights.matrix.values().as<double>();
  for (int64_t post = 0; post < 300; ++post) {
    for (auto k = static_cast<size_t>(weights.matrix.first()[static_cast<size_t>(post)]);
         k < static_cast<size_t>(weights.matrix.first()[static_cast<size_t>(post) + 1]); ++k) {
      const int32_t pre = weights.matrix.column_numbers()[k];
      ASSERT_NE(pre, post);
      ASSERT_EQ(values[k] < 0, weights.inhibitory[static_cast<size_t>(pre)]);
    }
  }
}

TEST_P(EveryTopology, TheSeedHoldsAtEveryNumberOfThreads) {
  ConnectivityConfig config;
  config.reservoir_size = 200;
  config.topology = GetParam();
  task::Scheduler one(1);
  task::Scheduler four(4);
  const RecurrentWeights a = make_recurrent_weights(config, {.scheduler = &one});
  const RecurrentWeights b = make_recurrent_weights(config, {.scheduler = &four});
  EXPECT_EQ(numbers_of(a.matrix.values()), numbers_of(b.matrix.values()));
  EXPECT_TRUE(std::ranges::equal(a.matrix.column_numbers(), b.matrix.column_numbers()));
  config.seed = 1;
  EXPECT_NE(numbers_of(make_recurrent_weights(config).matrix.values()), numbers_of(a.matrix.values()));
}

TEST(Connectivity, DensityAndDegrees) {
  ConnectivityConfig config;
  config.reservoir_size = 500;
  const double pairs = 500.0 * 499;
  EXPECT_NEAR(static_cast<double>(make_recurrent_weights(config).matrix.count()) / pairs, 0.1, 5 * std::sqrt(0.09 / pairs));
  config.topology = Topology::small_world;
  const SparseMatrix ring = make_recurrent_weights(config).matrix;
  int64_t near = 0;
  for (size_t i = 0; i < 500; ++i) {
    ASSERT_EQ(ring.first()[i + 1] - ring.first()[i], 50);
    for (auto k = static_cast<size_t>(ring.first()[i]); k < static_cast<size_t>(ring.first()[i + 1]); ++k) {
      const int64_t distance = std::abs(ring.column_numbers()[k] - static_cast<int64_t>(i));
      near += std::min<int64_t>(distance, 500 - distance) <= 25 ? 1 : 0;
    }
  }
  // Nine tenths stay; a tenth of the moved ones stay near by chance.
  EXPECT_NEAR(static_cast<double>(near) / 25000, 0.9 + 0.1 * 0.1, 0.02);
}

TEST(Connectivity, DistanceMakesNeighbours) {
  ConnectivityConfig config;
  config.reservoir_size = 1000;
  config.topology = Topology::distance;
  EXPECT_EQ(config.actual_grid(), (std::array<int64_t, 3>{10, 10, 10}));
  const SparseMatrix matrix = make_recurrent_weights(config).matrix;
  int64_t close = 0;
  for (size_t i = 0; i < 1000; ++i) {
    for (auto k = static_cast<size_t>(matrix.first()[i]); k < static_cast<size_t>(matrix.first()[i + 1]); ++k) {
      const auto post = static_cast<int64_t>(i);
      const int64_t pre = matrix.column_numbers()[k];
      const int64_t x = pre % 10 - post % 10;
      const int64_t y = pre / 10 % 10 - post / 10 % 10;
      const int64_t z = pre / 100 - post / 100;
      close += x * x + y * y + z * z <= 16 ? 1 : 0;
    }
  }
  // exp(-(d / 2)^2) has 0.954 of its mass in space within twice the reach; on a grid of ten, which ends, a little more.
  EXPECT_NEAR(static_cast<double>(close) / static_cast<double>(matrix.count()), 0.965, 0.01);
}

TEST(Connectivity, InputWeightsDoNotDependOnTheNumberOfInputs) {
  ConnectivityConfig config;
  config.reservoir_size = 100;
  const SparseMatrix few = make_input_weights(config, 3);
  const SparseMatrix many = make_input_weights(config, 30);
  const auto count = static_cast<size_t>(few.count());
  EXPECT_TRUE(std::ranges::equal(few.column_numbers(), many.column_numbers().first(count)));
  std::vector<double> head = numbers_of(many.values());
  head.resize(count);
  EXPECT_EQ(numbers_of(few.values()), head);
}

TEST(Connectivity, FieldsAreChecked) {
  const auto rejected = [](auto&& change) {
    ConnectivityConfig config;
    change(config);
    EXPECT_THROW(config.validate(), std::invalid_argument);
  };
  rejected([](auto& c) { c.reservoir_size = 0; });
  rejected([](auto& c) { c.connectivity = 1.5; });
  rejected([](auto& c) { c.excitatory_ratio = -0.1; });
  rejected([](auto& c) { c.spectral_radius = std::numeric_limits<double>::quiet_NaN(); });
  rejected([](auto& c) { c.grid = {10, 10, 9}; });
  rejected([](auto& c) { c.type = ElementType::int32; });
  rejected([](auto& c) { c.connection_length = 0; });
}

}  // namespace
}  // namespace omega::compute
