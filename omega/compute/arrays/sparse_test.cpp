// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/arrays/sparse.h"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>
#include <vector>

namespace omega::compute {
namespace {

template <class T>
std::vector<T> random_matrix(int64_t rows, int64_t columns, double density) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<T> elements(static_cast<size_t>(rows * columns));
  for (T& element : elements) {
    element = uniform(random) < density ? static_cast<T>(1 + 10 * uniform(random)) : T{0};
  }
  return elements;
}

template <class T>
void round_trip(int64_t rows, int64_t columns, double density) {
  const std::vector<T> elements = random_matrix<T>(rows, columns, density);
  const SparseMatrix sparse = SparseMatrix::from_dense(view_of(elements.data(), {rows, columns}));
  std::vector<T> back(elements.size(), T{9});
  sparse.to_dense(mutable_view_of(back.data(), {rows, columns}));
  EXPECT_EQ(back, elements);

  std::vector<T> transposed(elements.size(), T{9});
  sparse.transposed().to_dense(mutable_view_of(transposed.data(), {columns, rows}));
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t k = 0; k < columns; ++k) {
      ASSERT_EQ(transposed[static_cast<size_t>(k * rows + i)], elements[static_cast<size_t>(i * columns + k)]);
    }
  }
}

TEST(SparseMatrix, RoundTripsAndTransposes) {
  for (const auto& [rows, columns] : {std::pair{1, 1}, std::pair{7, 30}, std::pair{30, 7}, std::pair{0, 4}, std::pair{4, 0}}) {
    for (const double density : {0.0, 0.1, 1.0}) {
      round_trip<float>(rows, columns, density);
      round_trip<double>(rows, columns, density);
      round_trip<int32_t>(rows, columns, density);
    }
  }
}

TEST(SparseMatrix, RefusesWhatAreNoCompressedRows) {
  const auto values = [](int64_t count) { return Array(ElementType::float32, {count}); };
  EXPECT_NO_THROW(SparseMatrix(2, 4, {0, 1, 3}, {2, 0, 3}, values(3)));
  EXPECT_THROW(SparseMatrix(2, 4, {0, 1, 3}, {2, 0, 3}, Array(ElementType::int32, {3})), std::invalid_argument);
  EXPECT_THROW(SparseMatrix(2, 4, {0, 1, 3}, {2, 0, 3}, values(2)), std::invalid_argument);
  EXPECT_THROW(SparseMatrix(2, 4, {0, 3}, {2, 0, 3}, values(3)), std::invalid_argument);
  EXPECT_THROW(SparseMatrix(2, 4, {0, 4, 3}, {0, 1, 2}, values(3)), std::invalid_argument);
  EXPECT_THROW(SparseMatrix(2, 4, {0, 1, 3}, {2, 3, 3}, values(3)), std::invalid_argument);
  EXPECT_THROW(SparseMatrix(2, 4, {0, 1, 3}, {2, 0, 4}, values(3)), std::invalid_argument);
  EXPECT_THROW(SparseMatrix(-1, 4, {0}, {}, values(0)), std::invalid_argument);
  EXPECT_THROW(SparseMatrix::from_dense(values(3).view()), std::invalid_argument);
}

}  // namespace
}  // namespace omega::compute
