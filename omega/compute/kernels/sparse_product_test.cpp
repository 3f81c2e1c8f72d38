// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/sparse_product.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "omega/compute/kernels/kernel_testing.h"

namespace omega::compute {
namespace {

using testing::RandomNumbers;
using testing::with_every_instruction_set;
using testing::with_thread_counts;

struct Extents {
  int64_t rows, inner, columns;
};
constexpr Extents kExtents[] = {{1, 1, 1}, {0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {1, 300, 700}, {5, 70, 1}, {40, 65, 3}, {33, 64, 64}, {7, 129, 131}, {2, 1000, 17}};

/// The product in float64, of matrices in rows.
template <class T>
std::vector<double> reference(const std::vector<T>& left, const std::vector<T>& right, const Extents& of) {
  std::vector<double> product(static_cast<size_t>(of.rows * of.columns));
  for (int64_t r = 0; r < of.rows; ++r) {
    for (int64_t k = 0; k < of.inner; ++k) {
      for (int64_t n = 0; n < of.columns; ++n) {
        product[static_cast<size_t>(r * of.columns + n)] +=
            static_cast<double>(left[static_cast<size_t>(r * of.inner + k)]) * static_cast<double>(right[static_cast<size_t>(k * of.columns + n)]);
      }
    }
  }
  return product;
}

template <class T>
void expect_near(const std::vector<T>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    if (std::isfinite(expected[i])) {
      ASSERT_NEAR(static_cast<double>(found[i]), expected[i], (std::is_same_v<T, float> ? 1e-4 : 1e-12)) << i;
    } else {
      ASSERT_EQ(std::isnan(found[i]), std::isnan(expected[i])) << i;
      ASSERT_TRUE(std::isnan(expected[i]) || found[i] == static_cast<T>(expected[i])) << i;
    }
  }
}

/// Elements of every product of a left side with a dense and with a sparse right side.
template <class T>
struct Products {
  std::vector<T> dense;
  std::vector<T> sparse;
  bool operator==(const Products& other) const {
    const auto same = [](const std::vector<T>& a, const std::vector<T>& b) { return a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0; };
    return same(dense, other.dense) && same(sparse, other.sparse);
  }
};

template <class T>
Products<T> products(const TermRows& left, const std::vector<T>& right, const Extents& of, const Execution& execution = {}) {
  const ArrayView view = view_of(right.data(), {of.inner, of.columns});
  const size_t count = static_cast<size_t>(of.rows * of.columns);
  Products<T> made{std::vector<T>(count, T{7}), std::vector<T>(count, T{7})};
  const Shape shape{of.rows, of.columns};
  multiply(left, view, mutable_view_of(made.dense.data(), shape), execution);
  multiply(left, SparseMatrix::from_dense(view), mutable_view_of(made.sparse.data(), shape), execution);
  return made;
}

/// A dense left side times the right side as a sparse matrix.
template <class T>
std::vector<T> product_of_dense(const std::vector<T>& left, const std::vector<T>& right, const Extents& of, const Execution& execution = {}) {
  std::vector<T> made(static_cast<size_t>(of.rows * of.columns), T{7});
  const SparseMatrix matrix = SparseMatrix::from_dense(view_of(right.data(), {of.inner, of.columns}));
  multiply(view_of(left.data(), {of.rows, of.inner}), matrix, mutable_view_of(made.data(), {of.rows, of.columns}), execution);
  return made;
}

template <class T>
std::vector<T> product_with_vector(const SpikeArray& spikes, const std::vector<T>& vector, const Execution& execution = {}) {
  std::vector<T> made(static_cast<size_t>(spikes.rows()), T{7});
  multiply(spikes, view_of(vector.data(), {spikes.columns()}), mutable_view_of(made.data(), {spikes.rows()}), execution);
  return made;
}

template <class T>
class SparseProduct : public ::testing::Test {};
using Floats = ::testing::Types<float, double>;
TYPED_TEST_SUITE(SparseProduct, Floats);

template <class T>
void compare(const std::vector<T>& left, const std::vector<T>& right, const Extents& of) {
  SCOPED_TRACE(std::to_string(of.rows) + " x " + std::to_string(of.inner) + " x " + std::to_string(of.columns));
  const SparseMatrix matrix = SparseMatrix::from_dense(view_of(left.data(), {of.rows, of.inner}));
  const std::vector<double> expected = reference(left, right, of);
  const Products<T> found = products(terms_of(matrix), right, of);
  expect_near(found.dense, expected);
  expect_near(found.sparse, expected);
  expect_near(product_of_dense(left, right, of), expected);
}

TYPED_TEST(SparseProduct, IsTheProductOnEveryInstructionSet) {
  with_every_instruction_set([] {
    for (const Extents& of : kExtents) {
      for (const double density : {0.0, 0.1, 1.0}) {
        compare(RandomNumbers(1).sparse<TypeParam>(of.rows * of.inner, density), RandomNumbers(2).sparse<TypeParam>(of.inner * of.columns, 0.5), of);
      }
    }
  });
}

TYPED_TEST(SparseProduct, OfSpikesAddsRows) {
  for (const Extents& of : kExtents) {
    if (of.rows == 0 || of.inner == 0) {
      continue;
    }
    const auto spikes = RandomNumbers(3).spikes<TypeParam>(of.rows * of.inner, 0.2);
    const auto right = RandomNumbers(4).uniform<TypeParam>(of.inner * of.columns);
    const EventArray events = EventArray::from_dense(view_of(spikes.data(), {of.rows, of.inner}));
    const std::vector<double> expected = reference(spikes, right, of);
    const Products<TypeParam> found = products(terms_of(events), right, of);
    expect_near(found.dense, expected);
    expect_near(found.sparse, expected);
  }
}

TYPED_TEST(SparseProduct, OfPackedSpikesAndAVector) {
  constexpr TypeParam kInfinity = std::numeric_limits<TypeParam>::infinity();
  for (const int64_t columns : {1, 63, 64, 65, 300}) {
    const Extents of{40, columns, 1};
    const auto dense = RandomNumbers(9).spikes<TypeParam>(of.rows * of.inner, 0.1);
    const SpikeArray spikes = SpikeArray::from_dense(view_of(dense.data(), {of.rows, of.inner}));
    auto vector = RandomNumbers(10).uniform<TypeParam>(of.inner);
    const auto expected = product_with_vector(spikes, vector);
    expect_near(expected, reference(dense, vector, of));
    with_every_instruction_set(
        [&] { with_thread_counts([&](task::Scheduler& scheduler) { EXPECT_EQ(product_with_vector(spikes, vector, {.scheduler = &scheduler}), expected); }); });
    for (const TypeParam unusual : {kInfinity, -kInfinity, std::numeric_limits<TypeParam>::quiet_NaN()}) {
      vector.back() = unusual;
      expect_near(product_with_vector(spikes, vector), reference(dense, vector, of));
    }
  }
}

TYPED_TEST(SparseProduct, OfManyDenseRows) {
  // More rows than are taken together, more columns than a block has, and a matrix of which most rows are empty.
  for (const Extents& of : {Extents{1, 5, 3}, Extents{70, 40, 500}, Extents{33, 300, 129}, Extents{16, 2000, 900}, Extents{5, 0, 7}, Extents{0, 4, 4}}) {
    const auto left = RandomNumbers(11).uniform<TypeParam>(of.rows * of.inner);
    for (const double density : {0.001, 0.3}) {
      const auto right = RandomNumbers(12).sparse<TypeParam>(of.inner * of.columns, density);
      const auto expected = product_of_dense(left, right, of);
      expect_near(expected, reference(left, right, of));
      with_every_instruction_set(
          [&] { with_thread_counts([&](task::Scheduler& scheduler) { EXPECT_EQ(product_of_dense(left, right, of, {.scheduler = &scheduler}), expected); }); });
    }
  }
}

TYPED_TEST(SparseProduct, HasTheSameBitsOnEveryProcessorAndThreadCount) {
  const Extents of{50, 400, 300};
  const auto left = RandomNumbers(5).sparse<TypeParam>(of.rows * of.inner, 0.3);
  const auto right = RandomNumbers(6).sparse<TypeParam>(of.inner * of.columns, 0.3);
  const SparseMatrix matrix = SparseMatrix::from_dense(view_of(left.data(), {of.rows, of.inner}));
  const Products<TypeParam> expected = products(terms_of(matrix), right, of);
  EXPECT_EQ(expected.dense, expected.sparse);  // both in the order of the terms
  EXPECT_EQ(expected.dense, product_of_dense(left, right, of));
  with_every_instruction_set([&] {
    with_thread_counts([&](task::Scheduler& scheduler) { EXPECT_TRUE(products(terms_of(matrix), right, of, {.scheduler = &scheduler}) == expected); });
  });
}

TYPED_TEST(SparseProduct, ZeroTimesInfinityIsNoNumber) {
  constexpr TypeParam kInfinity = std::numeric_limits<TypeParam>::infinity();
  for (const TypeParam unusual : {kInfinity, -kInfinity, std::numeric_limits<TypeParam>::quiet_NaN()}) {
    const Extents of{9, 20, 70};
    auto left = RandomNumbers(7).sparse<TypeParam>(of.rows * of.inner, 0.3);
    auto right = RandomNumbers(8).sparse<TypeParam>(of.inner * of.columns, 0.3);
    right[33] = unusual;
    right[5 * 70 + 69] = unusual;
    compare(left, right, of);
    left[3 * 20 + 6] = unusual;
    compare(left, right, of);
    right[33] = right[5 * 70 + 69] = 1;
    compare(left, right, of);
  }
}

TEST(SparseProductOfIntegers, Wraps) {
  const std::vector<uint8_t> spikes{1, 0, 1, 1};
  const EventArray events = EventArray::from_dense(view_of(spikes.data(), {2, 2}));
  const std::vector<int32_t> right{std::numeric_limits<int32_t>::max(), 1, 2, 3, 4, 5};
  std::vector<int32_t> found(6);
  multiply(terms_of(events), view_of(right.data(), {2, 3}), mutable_view_of(found.data(), {2, 3}));
  EXPECT_EQ(found, (std::vector<int32_t>{std::numeric_limits<int32_t>::max(), 1, 2, std::numeric_limits<int32_t>::min() + 2, 5, 7}));
  std::vector<int64_t> sums(2);
  const std::vector<int64_t> column{int64_t{1} << 40, 1};
  multiply(terms_of(events), view_of(column.data(), {2}), mutable_view_of(sums.data(), {2}));
  EXPECT_EQ(sums, (std::vector<int64_t>{int64_t{1} << 40, (int64_t{1} << 40) + 1}));
  EXPECT_EQ(product_with_vector(events.to_spikes(), column), sums);
  EXPECT_EQ(product_with_vector<int32_t>(events.to_spikes(), {std::numeric_limits<int32_t>::max(), 1}),
            (std::vector<int32_t>{std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::min()}));
}

TEST(SparseProductOfWrongShapes, SaysWhichAndWhatIsNeeded) {
  const std::vector<double> numbers(6, 1.0);
  std::vector<double> found(4);
  const SparseMatrix matrix = SparseMatrix::from_dense(view_of(numbers.data(), {2, 3}));
  const auto message = [&](const Shape& right, const Shape& outputs) {
    try {
      multiply(terms_of(matrix), view_of(numbers.data(), right), mutable_view_of(found.data(), outputs));
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message({2, 2}, {2, 2}), "right: shape (2, 2); a left side of 3 columns needs as many rows");
  EXPECT_THROW(multiply(view_of(numbers.data(), {2, 2}), matrix, mutable_view_of(found.data(), {2, 2})), std::invalid_argument);
  EXPECT_EQ(message({3, 2}, {4}), "outputs: its shape is (4,); it must be (2, 2)");
}

}  // namespace
}  // namespace omega::compute
