// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/direct_step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "omega/compute/kernels/kernel_testing.h"

namespace omega::compute {
namespace {

using testing::RandomNumbers;
using testing::with_every_instruction_set;

/// A matrix of which element (r, c) is row_major[r * columns + c], kept in columns when `turned`.
template <class T>
struct Matrix {
  Matrix(int64_t rows, int64_t columns, bool turned, unsigned seed) : row_major(RandomNumbers(seed).uniform<T>(rows * columns)), kept(row_major) {
    view = view_of(kept.data(), {rows, columns});
    if (turned) {
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t c = 0; c < columns; ++c) {
          kept[static_cast<size_t>(c * rows + r)] = row_major[static_cast<size_t>(r * columns + c)];
        }
      }
      view.strides[0] = sizeof(T);
      view.strides[1] = static_cast<int64_t>(sizeof(T)) * rows;
    }
  }
  std::vector<T> row_major;
  std::vector<T> kept;
  ArrayView view;
};

template <class T>
class DirectStep : public ::testing::Test {};
using Floats = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DirectStep, Floats);

template <class T>
void compare(int64_t batch, int64_t neurons, int64_t inputs, bool turned) {
  SCOPED_TRACE(std::to_string(batch) + " x " + std::to_string(neurons) + " from " + std::to_string(inputs));
  const Matrix<T> input(inputs, neurons, turned, 1);
  const Matrix<T> recurrent(neurons, neurons, turned, 2);
  const std::vector<T> states = RandomNumbers(3).uniform<T>(batch * neurons);
  std::vector<uint8_t> spikes(static_cast<size_t>(batch * inputs));
  for (size_t i = 0; i < spikes.size(); ++i) {
    spikes[i] = i % 3 == 0;
  }
  std::vector<T> outputs(states.size(), T{7});
  direct_step(input.view, recurrent.view, view_of(states.data(), {batch, neurons}), view_of(spikes.data(), {batch, inputs}),
              {Activation::Kind::leaky_tanh, 0.25}, mutable_view_of(outputs.data(), {batch, neurons}));
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t n = 0; n < neurons; ++n) {
      double current = 0;
      for (int64_t i = 0; i < inputs; ++i) {
        current += spikes[static_cast<size_t>(b * inputs + i)] * static_cast<double>(input.row_major[static_cast<size_t>(i * neurons + n)]);
      }
      for (int64_t k = 0; k < neurons; ++k) {
        current +=
            static_cast<double>(states[static_cast<size_t>(b * neurons + k)]) * static_cast<double>(recurrent.row_major[static_cast<size_t>(n * neurons + k)]);
      }
      const auto at = static_cast<size_t>(b * neurons + n);
      const double expected = 0.75 * static_cast<double>(states[at]) + 0.25 * std::tanh(current);
      ASSERT_NEAR(static_cast<double>(outputs[at]), expected, (std::is_same_v<T, float> ? 2e-4 : 1e-12)) << b << ", " << n;
    }
  }
}

TYPED_TEST(DirectStep, IsTheFormulaOnEveryInstructionSet) {
  with_every_instruction_set([] {
    for (const bool turned : {false, true}) {
      for (const auto& [batch, neurons, inputs] : {std::tuple(1, 1, 1), {4, 100, 50}, {5, 33, 7}, {3, 17, 0}, {0, 5, 5}, {9, 300, 64}}) {
        compare<TypeParam>(batch, neurons, inputs, turned);
      }
    }
  });
}

TYPED_TEST(DirectStep, ARowDoesNotDependOnThreadsOrTheBatchAroundIt) {
  using T = TypeParam;
  const int64_t batch = 7;
  const int64_t neurons = 331;
  const Matrix<T> input(40, neurons, false, 1);
  const Matrix<T> recurrent(neurons, neurons, false, 2);
  const std::vector<T> states = RandomNumbers(3).uniform<T>(batch * neurons);
  const std::vector<T> spikes = RandomNumbers(4).uniform<T>(batch * 40);
  std::vector<T> together(states.size());
  std::vector<T> alone(states.size());
  task::Scheduler four(4);
  direct_step(input.view, recurrent.view, view_of(states.data(), {batch, neurons}), view_of(spikes.data(), {batch, 40}), {},
              mutable_view_of(together.data(), {batch, neurons}), {.scheduler = &four});
  task::Scheduler one(1);
  for (int64_t b = 0; b < batch; ++b) {
    direct_step(input.view, recurrent.view, view_of(states.data() + b * neurons, {1, neurons}), view_of(spikes.data() + b * 40, {1, 40}), {},
                mutable_view_of(alone.data() + b * neurons, {1, neurons}), {.scheduler = &one});
  }
  EXPECT_EQ(std::memcmp(together.data(), alone.data(), together.size() * sizeof(T)), 0);
}

TYPED_TEST(DirectStep, HasTheSameBitsOnEveryInstructionSet) {
  using T = TypeParam;
  const int64_t batch = 5;
  const int64_t neurons = 1101;
  const Matrix<T> input(40, neurons, false, 1);
  const Matrix<T> recurrent(neurons, neurons, false, 2);
  const std::vector<T> states = RandomNumbers(3).uniform<T>(batch * neurons);
  const std::vector<T> spikes = RandomNumbers(4).uniform<T>(batch * 40);
  std::vector<T> first;
  with_every_instruction_set([&] {
    std::vector<T> outputs(states.size());
    direct_step(input.view, recurrent.view, view_of(states.data(), {batch, neurons}), view_of(spikes.data(), {batch, 40}), {Activation::Kind::tanh, 1},
                mutable_view_of(outputs.data(), {batch, neurons}));
    if (first.empty()) {
      first = outputs;
    }
    EXPECT_EQ(std::memcmp(first.data(), outputs.data(), first.size() * sizeof(T)), 0);
  });
}

/// Inputs that are silent in some states of a group, in all of it, and in none: the same as each state by itself.
TYPED_TEST(DirectStep, SilentInputsLoseWeightsThatAreNotFinite) {
  using T = TypeParam;
  const int64_t neurons = 21;
  const T infinite = std::numeric_limits<T>::infinity();
  Matrix<T> input(3, neurons, false, 1);
  for (int64_t i = 0; i < 3; ++i) {
    input.kept[static_cast<size_t>(i * neurons + 7 * i)] = infinite;
  }
  const std::vector<T> recurrent(static_cast<size_t>(neurons * neurons));
  const std::vector<T> states(static_cast<size_t>(5 * neurons), T{1});
  const uint8_t spikes[] = {1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0};
  with_every_instruction_set([&] {
    std::vector<T> outputs(states.size());
    direct_step(view_of(input.kept.data(), {3, neurons}), view_of(recurrent.data(), {neurons, neurons}), view_of(states.data(), {5, neurons}),
                view_of(spikes, {5, 3}), {}, mutable_view_of(outputs.data(), {5, neurons}));
    for (size_t b = 0; b < 5; ++b) {
      for (size_t n = 0; n < neurons; ++n) {
        const T got = outputs[b * neurons + n];
        if (n % 7 != 0) {
          EXPECT_TRUE(std::isfinite(got)) << b << ", " << n;
        } else if (spikes[b * 3 + n / 7] != 0) {
          EXPECT_EQ(got, infinite) << b << ", " << n;
        } else {
          EXPECT_TRUE(std::isnan(got)) << b << ", " << n;
        }
      }
    }
  });
}

TYPED_TEST(DirectStep, InfiniteWeightsOfSilentInputsAreNotANumber) {
  using T = TypeParam;
  const T infinite = std::numeric_limits<T>::infinity();
  const T input[] = {infinite, 1};
  const T recurrent[] = {0, 0, 0, 0};
  const T state[] = {1, 1};
  const uint8_t spike[] = {0};
  T output[2];
  direct_step(view_of(input, {1, 2}), view_of(recurrent, {2, 2}), view_of(state, {1, 2}), view_of(spike, {1, 1}), {}, mutable_view_of(output, {1, 2}));
  EXPECT_TRUE(std::isnan(output[0]));
  EXPECT_EQ(output[1], T{0});
}

TEST(DirectStepErrors, NameTheArgumentAndTheShapes) {
  const std::vector<double> numbers(64);
  std::vector<double> outputs(8);
  const auto message = [&](const Shape& input, const Shape& recurrent, const Shape& states, const Shape& spikes) {
    try {
      direct_step(view_of(numbers.data(), input), view_of(numbers.data(), recurrent), view_of(numbers.data(), states), view_of(numbers.data(), spikes), {},
                  mutable_view_of(outputs.data(), states));
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  EXPECT_EQ(message({2, 3}, {3, 4}, {1, 3}, {1, 2}), "reservoir_weights: shape (3, 4); input_weights of shape (2, 3) need (3, 3)");
  EXPECT_EQ(message({2, 3}, {3, 3}, {1, 4}, {1, 2}), "states: shape (1, 4); they must be (batch, 3) for that many neurons");
  EXPECT_EQ(message({2, 3}, {3, 3}, {1, 3}, {1, 5}), "spikes: shape (1, 5); these weights and states need (1, 2)");
}

}  // namespace
}  // namespace omega::compute
