// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/native/vector_loop.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>

#include "omega/codegen/native/code_pages.h"

namespace omega::codegen::native {
namespace {

bool has(VectorSet set) {
  return set == VectorSet::avx2 ? __builtin_cpu_supports("avx2") : __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}

/// What a step means, of one element.
template <class T>
T meaning(LaneOp op, T x, T y, T z) {
  switch (op) {
    case LaneOp::add: return x + y;
    case LaneOp::sub: return x - y;
    case LaneOp::mul: return x * y;
    case LaneOp::div: return x / y;
    case LaneOp::minimum: return x < y || std::isnan(y) ? x : y;
    case LaneOp::maximum: return x > y || std::isnan(y) ? x : y;
    case LaneOp::neg: return -x;
    case LaneOp::abs: return std::fabs(x);
    case LaneOp::sqrt: return std::sqrt(x);
    // Masks are 1 and 0 here.
    case LaneOp::equal: return x == y;
    case LaneOp::not_equal: return x != y;
    case LaneOp::less: return x < y;
    case LaneOp::less_equal: return x <= y;
    case LaneOp::greater: return x > y;
    case LaneOp::greater_equal: return x >= y;
    case LaneOp::and_: return x != 0 && y != 0;
    case LaneOp::or_: return x != 0 || y != 0;
    case LaneOp::not_: return x == 0;
    case LaneOp::select: return x != 0 ? y : z;
  }
  return x;
}

template <class T>
bool same(T x, T y) {
  using Bits = std::conditional_t<sizeof(T) == sizeof(uint32_t), uint32_t, uint64_t>;
  return std::bit_cast<Bits>(x) == std::bit_cast<Bits>(y) || (std::isnan(x) && std::isnan(y));
}

template <class T>
void check(const VectorLoop& loop, VectorSet set, std::mt19937_64& random) {
  const auto made = compile_vector_loop(loop, set);
  ASSERT_TRUE(made.has_value());
  CodePages code;
  ASSERT_TRUE(code.fill(made->code));
  constexpr size_t kCount = 192 / sizeof(T);
  const T special[] = {0,
                       T(-0.0),
                       1,
                       T(-1.5),
                       std::numeric_limits<T>::infinity(),
                       -std::numeric_limits<T>::infinity(),
                       std::numeric_limits<T>::quiet_NaN(),
                       std::numeric_limits<T>::denorm_min(),
                       std::numeric_limits<T>::max()};
  const auto number = [&] { return random() % 4 == 0 ? special[random() % std::size(special)] : static_cast<T>(static_cast<double>(random()) / 1e18 - 9); };
  struct alignas(64) Line {
    T element[64 / sizeof(T)];
  };
  std::vector<std::vector<T>> arrays(loop.arrays, std::vector<T>(kCount + 1));
  for (auto& array : arrays) {
    for (T& element : array) {
      element = number();
    }
  }
  std::vector<Line> slots(made->slots);
  std::vector<T> scalars(loop.scalars);
  for (size_t k = 0; k < scalars.size(); ++k) {
    scalars[k] = number();
    std::ranges::fill(slots[k].element, scalars[k]);
  }
  using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  const Bits sign = Bits{1} << (8 * sizeof(T) - 1);
  for (size_t i = 0; i < std::size(slots[0].element); ++i) {
    slots[made->constant_slots].element[i] = std::bit_cast<T>(sign);
    slots[made->constant_slots + 1].element[i] = std::bit_cast<T>(static_cast<Bits>(~sign));
    slots[made->constant_slots + 2].element[i] = std::bit_cast<T>(static_cast<Bits>(~Bits{0}));
  }
  std::vector<const void*> inputs;
  for (size_t k = 0; k < arrays.size(); ++k) {
    inputs.push_back(arrays[k].data() + k % 2);  // half of them not aligned
  }
  for (const uint32_t entry : {0u, made->streaming_entry}) {
    std::vector<std::vector<Line>> results(loop.outputs.size(), std::vector<Line>(kCount * sizeof(T) / 64 + 1));
    std::vector<void*> outputs;
    for (auto& result : results) {
      outputs.push_back(result.data());
    }
    code.function<VectorFunction>(entry)(inputs.data(), slots.data(), outputs.data(), kCount * sizeof(T));
    for (size_t i = 0; i < kCount; ++i) {
      std::vector<T> values;
      for (size_t k = 0; k < arrays.size(); ++k) {
        values.push_back(arrays[k][i + k % 2]);
      }
      values.insert(values.end(), scalars.begin(), scalars.end());
      for (const VectorLoop::Step& step : loop.steps) {
        const auto value = [&](uint32_t k) { return k < operand_count(step.op) ? values[step.operands[k]] : T{}; };
        values.push_back(meaning(step.op, value(0), value(1), value(2)));
      }
      for (size_t y = 0; y < loop.outputs.size(); ++y) {
        ASSERT_TRUE(same(reinterpret_cast<const T*>(results[y].data())[i], values[loop.outputs[y]])) << "element " << i << ", output " << y;
      }
    }
  }
}

VectorLoop random_loop(std::mt19937_64& random, size_t most_steps) {
  VectorLoop loop;
  loop.is_double = random() % 2 == 0;
  loop.arrays = static_cast<uint16_t>(1 + random() % 9);
  loop.scalars = static_cast<uint16_t>(random() % 4);
  const size_t steps = random() % (most_steps + 1);
  std::vector<uint16_t> numbers;
  std::vector<uint16_t> masks;
  for (uint16_t k = 0; k < loop.arrays + loop.scalars; ++k) {
    numbers.push_back(k);
  }
  const auto any_of = [&](const std::vector<uint16_t>& operands) { return operands[random() % operands.size()]; };
  for (size_t s = 0; s < steps; ++s) {
    auto op = static_cast<LaneOp>(random() % 19);
    if (op >= LaneOp::and_ && masks.empty()) {
      op = LaneOp::less;
    }
    VectorLoop::Step step{op, {}};
    for (uint32_t k = 0; k < operand_count(op); ++k) {
      step.operands[k] = op == LaneOp::and_ || op == LaneOp::or_ || op == LaneOp::not_ || (op == LaneOp::select && k == 0) ? any_of(masks) : any_of(numbers);
    }
    loop.steps.push_back(step);
    (gives_mask(op) ? masks : numbers).push_back(static_cast<uint16_t>(loop.arrays + loop.scalars + s));
  }
  for (size_t y = 0; y < 1 + random() % 2; ++y) {
    loop.outputs.push_back(numbers[numbers.size() - 1 - random() % std::min<size_t>(numbers.size(), 3)]);
  }
  return loop;
}

TEST(VectorLoop, RandomLoopsGiveWhatTheirStepsMean) {
  std::mt19937_64 random(7);
  for (const VectorSet set : {VectorSet::avx2, VectorSet::avx512}) {
    if (!has(set)) {
      continue;
    }
    for (int i = 0; i < 600; ++i) {
      const VectorLoop loop = random_loop(random, i < 300 ? 12 : 120);  // long ones have more values than there are registers
      loop.is_double ? check<double>(loop, set, random) : check<float>(loop, set, random);
      ASSERT_FALSE(HasFailure()) << "loop " << i;
    }
  }
}

TEST(VectorLoop, TooManyArraysAreNotCompiled) {
  VectorLoop loop;
  loop.arrays = 11;
  loop.outputs = {0};
  EXPECT_FALSE(compile_vector_loop(loop, VectorSet::avx2).has_value());
}

}  // namespace
}  // namespace omega::codegen::native
