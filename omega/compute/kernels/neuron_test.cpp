// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/neuron.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "omega/compute/kernels/kernel_testing.h"

namespace omega::compute {
namespace {

using testing::RandomNumbers;
using testing::with_every_instruction_set;

template <class T>
std::vector<T> tanh_of_all(const std::vector<T>& numbers) {
  std::vector<T> results(numbers.size());
  tanh_of(view_of(numbers.data(), {static_cast<int64_t>(numbers.size())}), mutable_view_of(results.data(), {static_cast<int64_t>(numbers.size())}));
  return results;
}

/// Distance from the exact value in units of the last place of the result.
template <class T>
double units(T got, long double exact) {
  const T nearest = static_cast<T>(exact);
  const long double unit = std::nextafter(std::fabs(nearest), INFINITY) - std::fabs(nearest);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / unit);
}

template <class T>
void check_tanh() {
  std::vector<T> numbers;
  for (double x = 1e-30; x < 30; x *= 1.0007) {
    numbers.push_back(static_cast<T>(x));
    numbers.push_back(static_cast<T>(-x));
  }
  const std::vector<T> results = tanh_of_all(numbers);
  double worst = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    worst = std::max(worst, units(results[i], std::tanh(static_cast<long double>(numbers[i]))));
  }
  EXPECT_LE(worst, 2.0);
  EXPECT_EQ(tanh_of_all<T>({INFINITY, -INFINITY, 0, 1000}), (std::vector<T>{1, -1, 0, 1}));
  EXPECT_TRUE(std::isnan(tanh_of_all<T>({static_cast<T>(NAN)})[0]));
  EXPECT_TRUE(std::signbit(tanh_of_all<T>({static_cast<T>(-0.0)})[0]));
}

TEST(Tanh, IsWithinTwoUnitsInTheLastPlace) {
  with_every_instruction_set([] {
    check_tanh<float>();
    check_tanh<double>();
  });
}

TEST(Tanh, SameBitsInEveryInstructionSet) {
  RandomNumbers random(31);
  std::vector<float> numbers = random.uniform<float>(5000);
  for (float& number : numbers) {
    number *= 12;
  }
  const std::vector<float> expected = tanh_of_all(numbers);
  with_every_instruction_set([&] { EXPECT_EQ(tanh_of_all(numbers), expected); });
}

TEST(LifStep, CountsRefractorySteps) {
  with_every_instruction_set([] {
    for (const int64_t count : {1, 64, 70, 3000}) {
      const std::vector<float> currents(static_cast<size_t>(count), 0.6F);
      std::vector<float> potentials(currents.size());
      std::vector<int32_t> waits(currents.size());
      SpikeArray fired(Shape{count});
      std::string pattern;
      for (int t = 0; t < 10; ++t) {
        lif_step(view_of(currents.data(), {count}), {.decay = 1, .threshold = 1, .reset = 0, .rest = 0, .refractory = 2},
                 mutable_view_of(potentials.data(), {count}), mutable_view_of(waits.data(), {count}), fired);
        ASSERT_TRUE(fired.count() == 0 || fired.count() == count);
        pattern += fired.count() > 0 ? '|' : '.';
      }
      EXPECT_EQ(pattern, ".|...|...|");
    }
  });
}

TEST(LifStep, NotANumberNeverFires) {
  const std::vector<double> currents{NAN, 5};
  std::vector<double> potentials(2);
  std::vector<int32_t> waits(2);
  SpikeArray fired(Shape{2});
  lif_step(view_of(currents.data(), {2}), {}, mutable_view_of(potentials.data(), {2}), mutable_view_of(waits.data(), {2}), fired);
  EXPECT_EQ(fired.row(0)[0], 0b10U);
  EXPECT_TRUE(std::isnan(potentials[0]));
}

TEST(LifStep, RefusesWrongTypesAndShapes) {
  std::vector<float> floats(6);
  std::vector<int32_t> waits(6);
  SpikeArray fired(Shape{6});
  const MutableArrayView potentials = mutable_view_of(floats.data(), {6});
  EXPECT_THROW(lif_step(view_of(waits.data(), {6}), {}, potentials, mutable_view_of(waits.data(), {6}), fired), std::invalid_argument);
  EXPECT_THROW(lif_step(potentials, {}, mutable_view_of(floats.data(), {3}), mutable_view_of(waits.data(), {6}), fired), std::invalid_argument);
  EXPECT_THROW(lif_step(potentials, {}, potentials, mutable_view_of(waits.data(), {5}), fired), std::invalid_argument);
  EXPECT_THROW(lif_step(potentials, {}, potentials, potentials, fired), std::invalid_argument);
  SpikeArray other(Shape{7});
  EXPECT_THROW(lif_step(potentials, {}, potentials, mutable_view_of(waits.data(), {6}), other), std::invalid_argument);
}

}  // namespace
}  // namespace omega::compute
