// SPDX-License-Identifier: Apache-2.0
// Reservoirs in bfloat16: against float64, against the order written out, and the same bits everywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "omega/compute/kernels/bfloat16.h"
#include "omega/compute/kernels/bfloat16_tiles.h"
#include "omega/compute/kernels/kernel_testing.h"
#include "omega/compute/kernels/reservoir_step.h"

namespace omega::compute {
namespace {

using testing::RandomNumbers;
using testing::with_every_instruction_set;
using testing::with_thread_counts;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

float rounded(float number) { return from_bfloat16(to_bfloat16(number)); }

/// Runs `check()` with the loops of each instruction set and, where the processor has tiles, with them.
template <class Check>
void with_tiles_and_without(Check&& check) {
  use_tiles(false);
  with_every_instruction_set(check);
  use_tiles(true);
  if (has_tiles()) {
    SCOPED_TRACE("tiles");
    check();
  }
}

TEST(Bfloat16, RoundsToTheNearestTiesToEven) {
  EXPECT_EQ(rounded(1.0F), 1.0F);
  EXPECT_EQ(rounded(0x1.01p0F), 0x1.00p0F);
  EXPECT_EQ(rounded(0x1.03p0F), 0x1.04p0F);
  EXPECT_EQ(rounded(-0x1.010002p0F), -0x1.02p0F);
  EXPECT_EQ(rounded(std::numeric_limits<float>::max()), kInfinity);
  EXPECT_EQ(rounded(-kInfinity), -kInfinity);
  EXPECT_TRUE(std::isnan(rounded(kNan)));
  EXPECT_TRUE(std::isnan(rounded(std::bit_cast<float>(0x7f800001U))));
}

TEST(Bfloat16, IsZeroWhereProductsCouldBeSubnormal) {
  EXPECT_EQ(rounded(kLeastBfloat16), kLeastBfloat16);
  EXPECT_EQ(rounded(-0x1.fcp-56F), 0.0F);
  EXPECT_EQ(rounded(0x1.ffp-56F), kLeastBfloat16);
  EXPECT_EQ(rounded(std::numeric_limits<float>::denorm_min()), 0.0F);
  EXPECT_GE(kLeastBfloat16 * kLeastBfloat16 * 0x1p-14F, std::numeric_limits<float>::min());
}

/// Random weights and states, and what is made of them.
struct Example {
  int64_t batch;
  int64_t inputs;
  int64_t neurons;
  std::vector<float> input;
  std::vector<float> recurrent;
  std::vector<float> states;
  std::vector<float> spikes;

  Example(int64_t b, int64_t i, int64_t n, uint32_t seed) : batch(b), inputs(i), neurons(n) {
    RandomNumbers random(seed);
    input = random.uniform<float>(inputs * neurons);
    recurrent = random.uniform<float>(neurons * neurons);
    states = random.uniform<float>(batch * neurons);
    spikes = random.uniform<float>(batch * inputs);
  }

  [[nodiscard]] PreparedReservoir prepared() const {
    return {view_of(input.data(), {inputs, neurons}), view_of(recurrent.data(), {neurons, neurons}), Precision::bfloat16};
  }
  [[nodiscard]] std::vector<float> stepped(const PreparedReservoir& reservoir, const Activation& activation, const Execution& execution = {}) const {
    std::vector<float> outputs(static_cast<size_t>(batch * neurons), 77.0F);
    reservoir.step(view_of(states.data(), {batch, neurons}), view_of(spikes.data(), {batch, inputs}), activation,
                   mutable_view_of(outputs.data(), {batch, neurons}), execution);
    return outputs;
  }
  [[nodiscard]] float state(int64_t b, int64_t n) const { return states[static_cast<size_t>(b * neurons + n)]; }
  /// Calls `visit(input, weight)` for all presynaptic numbers of a neuron, as they are given; `new_segment()` between inputs and neurons.
  void visit(int64_t b, int64_t n, const auto& visit, const auto& new_segment) const {
    for (int64_t k = 0; k < inputs; ++k) {
      visit(spikes[static_cast<size_t>(b * inputs + k)], input[static_cast<size_t>(k * neurons + n)]);
    }
    new_segment();
    for (int64_t k = 0; k < neurons; ++k) {
      visit(state(b, k), recurrent[static_cast<size_t>(n * neurons + k)]);
    }
    new_segment();
  }
};

/// The sum that bfloat16.h describes.
class OrderedSum {
 public:
  void add(float number, float weight) {
    chains_[count_ % 2] = std::fmaf(rounded(number), rounded(weight), chains_[count_ % 2]);
    if (++count_ == kBfloat16Block) {
      end_block();
    }
  }
  void end_block() {
    sum_ += chains_[0] + chains_[1];
    chains_[0] = chains_[1] = 0;
    count_ = 0;
  }
  [[nodiscard]] float sum() const { return sum_; }

 private:
  float sum_ = 0;
  float chains_[2] = {};
  int64_t count_ = 0;
};

float ordered_current(const Example& example, int64_t b, int64_t n) {
  OrderedSum sum;
  example.visit(b, n, [&](float number, float weight) { sum.add(number, weight); }, [&] { sum.end_block(); });
  return sum.sum();
}

/// Of all states and neurons.
std::vector<float> ordered_currents(const Example& example) {
  std::vector<float> currents;
  for (int64_t b = 0; b < example.batch; ++b) {
    for (int64_t n = 0; n < example.neurons; ++n) {
      currents.push_back(ordered_current(example, b, n));
    }
  }
  return currents;
}

/// The exact current, and how far rounding of factors to 8 bits and of sums to 24 may move it.
struct Bounded {
  double current = 0;
  double error = 0;
};
Bounded bounded_current(const Example& example, int64_t b, int64_t n) {
  Bounded all;
  double sizes = 0;
  const auto add = [&](float number, float weight) {
    const double product = static_cast<double>(number) * static_cast<double>(weight);
    all.current += product;
    sizes += std::abs(product);
  };
  example.visit(b, n, add, [] {});
  all.error = sizes * (0x1.02p-8 * 2 + 64 * 0x1p-24) + 1e-15;
  return all;
}

void expect_bounds(const Example& example) {
  const PreparedReservoir reservoir = example.prepared();
  using Kind = Activation::Kind;
  for (const Activation& activation : {Activation{}, Activation{Kind::tanh, 1}, Activation{Kind::leaky_tanh, 0.3}}) {
    const std::vector<float> outputs = example.stepped(reservoir, activation);
    for (int64_t b = 0; b < example.batch; ++b) {
      for (int64_t n = 0; n < example.neurons; ++n) {
        const Bounded current = bounded_current(example, b, n);
        const double state = example.state(b, n);
        const double expected = activation.kind == Kind::none   ? current.current
                                : activation.kind == Kind::tanh ? std::tanh(current.current)
                                                                : state + activation.leak * (std::tanh(current.current) - state);
        ASSERT_NEAR(outputs[static_cast<size_t>(b * example.neurons + n)], expected, current.error + 1e-6)
            << example.batch << " x " << example.neurons << ", state " << b << ", neuron " << n << ", activation " << static_cast<int>(activation.kind);
      }
    }
  }
}

TEST(Bfloat16Reservoir, IsAsNearToFloat64AsItsEightBitsAllow) {
  with_tiles_and_without([] {
    RandomNumbers random(31);
    for (uint32_t i = 0; i < 12; ++i) {
      expect_bounds(Example(random.between(0, 40), random.between(0, 70), random.between(0, 150), i));
    }
  });
}

TEST(Bfloat16Reservoir, AddsInTheOrderThatIsDescribed) {
  for (const int64_t neurons : {1, 31, 32, 33, 64, 100}) {
    const Example example(35, 45, neurons, 8);
    const std::vector<float> expected = ordered_currents(example);
    const PreparedReservoir reservoir = example.prepared();
    with_tiles_and_without([&] { EXPECT_EQ(example.stepped(reservoir, {}), expected) << neurons; });
  }
}

TEST(Bfloat16Reservoir, SameBitsInEveryBatchThreadCountAndInstructionSet) {
  const Example all(70, 19, 211, 9);
  const PreparedReservoir reservoir = all.prepared();
  const Activation activation{Activation::Kind::leaky_tanh, 0.4};
  const std::vector<float> expected = all.stepped(reservoir, activation);
  with_tiles_and_without([&] {
    with_thread_counts([&](task::Scheduler& scheduler) { EXPECT_EQ(all.stepped(reservoir, activation, {.scheduler = &scheduler}), expected); });
    for (const int64_t batch : {1, 2, 3, 4, 5, 7, 15, 16, 17, 31, 32, 33, 48, 64, 69}) {
      Example part = all;
      part.batch = batch;
      const std::vector<float> got = part.stepped(reservoir, activation);
      EXPECT_TRUE(std::equal(got.begin(), got.end(), expected.begin())) << "batch of " << batch;
    }
  });
}

/// More presynaptic numbers than a panel takes in one go.
TEST(Bfloat16Reservoir, SameBitsWithManyPresynapticNumbers) {
  const Example example(4, 4200, 40, 10);
  const std::vector<float> expected = ordered_currents(example);
  const PreparedReservoir reservoir = example.prepared();
  with_tiles_and_without([&] { EXPECT_EQ(example.stepped(reservoir, {}), expected); });
}

/// Numbers of all sizes: products that overflow, cancel and vanish.
TEST(Bfloat16Reservoir, SameBitsOfNumbersOfAllSizes) {
  Example example(18, 20, 50, 11);
  RandomNumbers random(12);
  const auto scale = [&](std::vector<float>& numbers) {
    for (float& number : numbers) {
      number = std::ldexp(number, static_cast<int>(random.between(-140, 64)));
    }
  };
  scale(example.input);
  scale(example.recurrent);
  scale(example.states);
  scale(example.spikes);
  const std::vector<float> expected = ordered_currents(example);
  const PreparedReservoir reservoir = example.prepared();
  with_tiles_and_without([&] { EXPECT_EQ(example.stepped(reservoir, {}), expected); });
}

TEST(Bfloat16Reservoir, RunsManyStepsAsOneAfterTheOther) {
  const Example example(5, 6, 77, 13);
  const PreparedReservoir reservoir = example.prepared();
  const Activation activation{Activation::Kind::tanh, 1};
  constexpr int64_t kSteps = 6;
  RandomNumbers random(14);
  const std::vector<float> inputs = random.uniform<float>(kSteps * 5 * 6);
  std::vector<float> expected;
  Example now = example;
  for (int64_t t = 0; t < kSteps; ++t) {
    now.spikes.assign(inputs.begin() + t * 30, inputs.begin() + (t + 1) * 30);
    now.states = now.stepped(reservoir, activation);
    expected.insert(expected.end(), now.states.begin(), now.states.end());
  }
  with_tiles_and_without([&] {
    std::vector<float> trajectory(expected.size());
    reservoir.run(view_of(example.states.data(), {5, 77}), view_of(inputs.data(), {kSteps, 5, 6}), activation,
                  mutable_view_of(trajectory.data(), {kSteps, 5, 77}));
    EXPECT_EQ(trajectory, expected);
  });
}

TEST(Bfloat16Reservoir, NotANumberAndInfinityAsInFullPrecision) {
  for (const int64_t batch : {1, 3, 20}) {
    Example example(batch, 5, 40, 15);
    example.states[3] = kInfinity;
    example.recurrent[7 * 40 + 3] = 0;  // 0 times infinity, for neuron 7
    example.recurrent[8 * 40 + 4] = kNan;
    example.input[2 * 40 + 9] = -kInfinity;
    for (int64_t b = 0; b < batch; ++b) {
      example.spikes[static_cast<size_t>(b * 5 + 2)] = b % 2 == 0 ? 1.0F : 0.0F;
    }
    const PreparedReservoir full(view_of(example.input.data(), {5, 40}), view_of(example.recurrent.data(), {40, 40}));
    const std::vector<float> expected = example.stepped(full, {});
    const PreparedReservoir reservoir = example.prepared();
    with_tiles_and_without([&] {
      const std::vector<float> outputs = example.stepped(reservoir, {});
      for (size_t i = 0; i < outputs.size(); ++i) {
        EXPECT_EQ(std::isnan(outputs[i]), std::isnan(expected[i])) << i;
        EXPECT_EQ(std::isinf(outputs[i]) ? outputs[i] : 0, std::isinf(expected[i]) ? expected[i] : 0) << i;
      }
    });
  }
}

TEST(Bfloat16Reservoir, KeepsWhatItRounds) {
  Example example(1, 3, 33, 16);
  const PreparedReservoir reservoir = example.prepared();
  EXPECT_EQ(reservoir.precision(), Precision::bfloat16);
  EXPECT_EQ(reservoir.type(), ElementType::float32);
  EXPECT_NE(reservoir.describe().find("33 x 33 bfloat16"), std::string::npos) << reservoir.describe();
  EXPECT_GE(reservoir.byte_size(), static_cast<size_t>(36 * 33 * 2));
  const auto input = std::get<Array>(reservoir.input_weights());
  const auto recurrent = std::get<Array>(reservoir.reservoir_weights());
  for (size_t i = 0; i < example.input.size(); ++i) {
    EXPECT_EQ(input.as<float>()[i], rounded(example.input[i]));
  }
  for (size_t i = 0; i < example.recurrent.size(); ++i) {
    EXPECT_EQ(recurrent.as<float>()[i], rounded(example.recurrent[i]));
  }
}

TEST(Bfloat16Reservoir, TakesTilesWhereThereAreAny) {
  const PreparedReservoir reservoir = Example(1, 3, 33, 16).prepared();
  use_tiles(false);
  EXPECT_EQ(reservoir.describe().find("tiles"), std::string::npos);
  use_tiles(true);
  if (!has_tiles()) {
    GTEST_SKIP() << "no tiles here";
  }
  EXPECT_NE(reservoir.describe().find("avx512 and tiles"), std::string::npos) << reservoir.describe();
}

TEST(Bfloat16Reservoir, TakesWeightsAsTheyLie) {
  const Example example(3, 4, 20, 17);
  std::vector<float> turned(400);
  for (size_t i = 0; i < 400; ++i) {
    turned[i % 20 * 20 + i / 20] = example.recurrent[i];
  }
  ArrayView recurrent = view_of(turned.data(), {20, 20});
  std::swap(recurrent.strides[0], recurrent.strides[1]);
  const PreparedReservoir reservoir(view_of(example.input.data(), {4, 20}), recurrent, Precision::bfloat16);
  EXPECT_EQ(example.stepped(reservoir, {}), example.stepped(example.prepared(), {}));
}

TEST(Bfloat16Reservoir, RefusesWhatItCannotKeep) {
  const std::vector<double> doubles(9);
  const ArrayView wide = view_of(doubles.data(), {3, 3});
  const std::vector<float> floats(9);
  const ArrayView narrow = view_of(floats.data(), {3, 3});
  const auto message_of = [](const PreparedReservoir::Weights& input, const PreparedReservoir::Weights& recurrent) -> std::string {
    try {
      const PreparedReservoir reservoir(input, recurrent, Precision::bfloat16);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message_of(wide, wide).find("float32"), std::string::npos);
  EXPECT_NE(message_of(narrow, SparseMatrix::from_dense(narrow)).find("reservoir_weights: a sparse matrix"), std::string::npos);
  EXPECT_NE(message_of(SparseMatrix::from_dense(narrow), narrow).find("input_weights: a sparse matrix"), std::string::npos);
}

constexpr LifParameters kLif{.decay = 0.9, .threshold = 1, .reset = -0.1, .rest = 0.05, .refractory = 2};

struct LifStates {
  Shape shape;
  std::vector<float> potentials;
  std::vector<int32_t> waits;
  SpikeArray fired;

  explicit LifStates(const Shape& s) : shape(s), potentials(static_cast<size_t>(s.count())), waits(static_cast<size_t>(s.count())), fired(s) {}
  void run(const PreparedReservoir& reservoir, const SpikeArray& spikes, SpikeArray* raster, const Execution& execution = {}) {
    reservoir.run_lif(spikes, kLif, mutable_view_of(potentials.data(), shape), mutable_view_of(waits.data(), shape), fired, raster, execution);
  }
};

/// A neuron's step as it is described: its current in order, 0 and 1 as states; then leak, threshold, reset.
void reference_step(const Example& now, std::vector<float>& potentials, std::vector<int32_t>& waits, std::vector<float>& fired) {
  for (int64_t b = 0; b < now.batch; ++b) {
    for (int64_t n = 0; n < now.neurons; ++n) {
      const auto at = static_cast<size_t>(b * now.neurons + n);
      fired[at] = 0;
      if (waits[at] > 0) {
        --waits[at];
        potentials[at] = static_cast<float>(kLif.reset);
        continue;
      }
      const auto rest = static_cast<float>(kLif.rest);
      potentials[at] = rest + static_cast<float>(kLif.decay) * (potentials[at] - rest) + ordered_current(now, b, n);
      if (potentials[at] >= static_cast<float>(kLif.threshold)) {
        fired[at] = 1;
        potentials[at] = static_cast<float>(kLif.reset);
        waits[at] = kLif.refractory;
      }
    }
  }
}

void check_lif(int64_t batch, int64_t inputs, int64_t neurons) {
  Example example(batch, inputs, neurons, 18);
  for (float& weight : example.recurrent) {
    weight /= 8;
  }
  constexpr int64_t kSteps = 8;
  RandomNumbers random(19);
  const std::vector<uint8_t> bytes = random.spikes<uint8_t>(kSteps * batch * inputs, 0.3);
  const SpikeArray spikes = SpikeArray::from_dense(view_of(bytes.data(), {kSteps, batch, inputs}));
  const Shape shape{batch, neurons};
  LifStates expected(shape);
  std::vector<float> fired(static_cast<size_t>(batch * neurons));
  std::vector<uint8_t> expected_raster;
  for (int64_t t = 0; t < kSteps; ++t) {
    example.states = fired;
    example.spikes.assign(bytes.begin() + t * batch * inputs, bytes.begin() + (t + 1) * batch * inputs);
    reference_step(example, expected.potentials, expected.waits, fired);
    expected_raster.insert(expected_raster.end(), fired.begin(), fired.end());
  }
  EXPECT_TRUE(neurons == 0 || std::count(expected_raster.begin(), expected_raster.end(), 1) > 0);
  const PreparedReservoir reservoir = example.prepared();
  with_tiles_and_without([&] {
    with_thread_counts([&](task::Scheduler& scheduler) {
      LifStates states(shape);
      SpikeArray raster(Shape{kSteps, batch, neurons});
      states.run(reservoir, spikes, &raster, {.scheduler = &scheduler});
      EXPECT_EQ(states.potentials, expected.potentials);
      EXPECT_EQ(states.waits, expected.waits);
      std::vector<uint8_t> dense(expected_raster.size());
      raster.to_dense(mutable_view_of(dense.data(), raster.shape()));
      EXPECT_EQ(dense, expected_raster);
    });
  });
}

TEST(Bfloat16Reservoir, SpikingNeuronsAddInTheSameOrder) {
  check_lif(1, 17, 40);
  check_lif(1, 65, 300);
  check_lif(9, 33, 129);
  check_lif(6, 40, 64);
}

/// Weights that no core keeps in its own cache go step by step.
TEST(Bfloat16Reservoir, LargeSpikingReservoirsAddInTheSameOrder) { check_lif(7, 30, 800); }

TEST(Bfloat16Reservoir, NothingIsNothing) {
  check_lif(3, 5, 0);
  const Example none(0, 4, 10, 20);
  EXPECT_TRUE(none.stepped(none.prepared(), {}).empty());
  const Example empty(2, 3, 0, 21);
  EXPECT_TRUE(empty.stepped(empty.prepared(), {}).empty());
  const Example silent(2, 0, 40, 22);
  expect_bounds(silent);
}

TEST(Bfloat16Reservoir, StopsWhenCancelled) {
  const Example example(64, 10, 300, 23);
  const PreparedReservoir reservoir = example.prepared();
  task::Cancellation cancellation;
  cancellation.cancel();
  EXPECT_THROW(static_cast<void>(example.stepped(reservoir, {}, {.cancellation = &cancellation})), Stopped);
}

}  // namespace
}  // namespace omega::compute
