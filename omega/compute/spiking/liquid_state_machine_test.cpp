// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/liquid_state_machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "omega/compute/kernels/kernel_testing.h"
#include "omega/compute/spiking/dynamics.h"
#include "omega/compute/spiking/encoders.h"
#include "omega/compute/spiking/numbers.h"

namespace omega::compute {
namespace {

constexpr int64_t kInputs = 20;

LiquidConfig small_config(ElementType type = ElementType::float64) {
  LiquidConfig config;
  config.connectivity.reservoir_size = 150;
  config.connectivity.seed = 9;
  config.connectivity.type = type;
  return config;
}

SpikeArray poisson(int64_t steps, int64_t batch, uint64_t seed, double rate = 0.2) {
  const std::vector<double> rates(static_cast<size_t>(batch * kInputs), rate);
  return rate_encode(view_of(rates.data(), Shape{batch, kInputs}), steps, seed);
}

using testing::spike;

std::vector<double> dense(const SparseMatrix& matrix) {
  std::vector<double> values(static_cast<size_t>(matrix.rows() * matrix.columns()));
  matrix.to_dense(mutable_view_of(values.data(), Shape{matrix.rows(), matrix.columns()}));
  return values;
}

/// The definition, written out in float64 for one copy.
struct Reference {
  explicit Reference(const LiquidStateMachine& machine, double dt)
      : n(machine.neurons()),
        w(dense(machine.recurrent().matrix)),
        in(dense(machine.input_weights())),
        lif(machine.config().neurons(dt)),
        decay(machine.config().readout_decay(dt)),
        v(static_cast<size_t>(n), lif.rest),
        wait(static_cast<size_t>(n)),
        fired(static_cast<size_t>(n)),
        trace(static_cast<size_t>(n)) {}

  void step(const SpikeArray& spikes, int64_t row) {
    std::vector<bool> now(static_cast<size_t>(n));
    for (int64_t i = 0; i < n; ++i) {
      double current = 0;
      for (int64_t k = 0; k < spikes.columns(); ++k) {
        current += spike(spikes, row, k) ? in[static_cast<size_t>(k * n + i)] : 0;
      }
      for (int64_t j = 0; j < n; ++j) {
        current += fired[static_cast<size_t>(j)] ? w[static_cast<size_t>(i * n + j)] : 0;
      }
      const auto at = static_cast<size_t>(i);
      if (wait[at] > 0) {
        --wait[at];
        v[at] = lif.reset;
      } else {
        v[at] = lif.rest + lif.decay * (v[at] - lif.rest) + current;
        if (v[at] >= lif.threshold) {
          now[at] = true;
          v[at] = lif.reset;
          wait[at] = lif.refractory;
        }
      }
      trace[at] = trace[at] * decay + (now[at] ? 1 : 0);
    }
    fired = now;
  }

  int64_t n;
  std::vector<double> w;
  std::vector<double> in;
  LifParameters lif;
  double decay;
  std::vector<double> v;
  std::vector<int32_t> wait;
  std::vector<bool> fired;
  std::vector<double> trace;
};

TEST(LiquidStateMachine, FollowsTheDefinition) {
  const LiquidStateMachine machine(small_config(), kInputs);
  const SpikeArray inputs = poisson(300, 2, 1);
  LiquidState state = machine.initial_state(2);
  const LiquidRecord record = machine.advance(state, inputs, 0.001, true);
  int64_t fired = 0;
  for (int64_t b = 0; b < 2; ++b) {
    Reference reference(machine, 0.001);
    for (int64_t t = 0; t < 300; ++t) {
      reference.step(inputs, t * 2 + b);
      for (int64_t i = 0; i < machine.neurons(); ++i) {
        ASSERT_EQ(spike(record.spikes, t * 2 + b, i), reference.fired[static_cast<size_t>(i)]) << t << " " << i;
        ASSERT_NEAR(record.potentials->as<double>()[(t * 2 + b) * machine.neurons() + i], reference.v[static_cast<size_t>(i)], 1e-12);
        fired += reference.fired[static_cast<size_t>(i)] ? 1 : 0;
      }
    }
    for (int64_t i = 0; i < machine.neurons(); ++i) {
      EXPECT_EQ(state.trace.as<double>()[b * machine.neurons() + i], reference.trace[static_cast<size_t>(i)]);
      EXPECT_EQ(state.waits.as<int32_t>()[b * machine.neurons() + i], reference.wait[static_cast<size_t>(i)]);
    }
  }
  EXPECT_GT(fired, 300);  // it does something
}

template <class Check>
void expect_equal(const LiquidState& a, const LiquidState& b, Check&& check) {
  check(numbers_of(a.potentials.view()) == numbers_of(b.potentials.view()));
  check(numbers_of(a.waits.view()) == numbers_of(b.waits.view()));
  check(numbers_of(a.trace.view()) == numbers_of(b.trace.view()));
  check(std::memcmp(a.fired.row(0), b.fired.row(0), a.fired.byte_size()) == 0);
}

TEST(LiquidStateMachine, ManyStepsInOneCallAreTheSameBits) {
  for (const ElementType type : {ElementType::float32, ElementType::float64}) {
    const LiquidStateMachine machine(small_config(type), kInputs);
    const SpikeArray inputs = poisson(60, 3, 2);
    LiquidState at_once = machine.initial_state(3);
    (void)machine.advance(at_once, inputs, 0.001, false);
    LiquidState one_by_one = machine.initial_state(3);
    for (int64_t t = 0; t < 60; ++t) {
      SpikeArray step(Shape{1, 3, kInputs});
      std::memcpy(step.mutable_row(0), inputs.row(t * 3), step.byte_size());
      (void)machine.advance(one_by_one, step, 0.001, t % 2 == 0);
    }
    expect_equal(at_once, one_by_one, [](bool same) { EXPECT_TRUE(same); });
  }
}

TEST(LiquidStateMachine, ThreadsAndInstructionSetsChangeNothing) {
  const LiquidStateMachine machine(small_config(), kInputs);
  const SpikeArray inputs = poisson(80, 5, 3);
  LiquidState expected = machine.initial_state(5);
  task::Scheduler one(1);
  (void)machine.advance(expected, inputs, 0.001, false, {.scheduler = &one});
  for (const unsigned threads : {2u, 4u}) {
    task::Scheduler scheduler(threads);
    LiquidState state = machine.initial_state(5);
    (void)machine.advance(state, inputs, 0.001, false, {.scheduler = &scheduler});
    expect_equal(state, expected, [](bool same) { EXPECT_TRUE(same); });
  }
  testing::with_every_instruction_set([&] {
    std::vector<double> trace(static_cast<size_t>(5 * kInputs));
    std::vector<double> filtered(static_cast<size_t>(80 * 5 * kInputs));
    const MutableArrayView each_step = mutable_view_of(filtered.data(), Shape{80, 5, kInputs});
    filter_on(inputs, 0.9, mutable_view_of(trace.data(), Shape{5, kInputs}), &each_step);
    double expected_trace = 0;
    for (int64_t t = 0; t < 80; ++t) {
      expected_trace = expected_trace * 0.9 + (spike(inputs, t * 5 + 4, 7) ? 1 : 0);
      ASSERT_EQ(filtered[static_cast<size_t>((t * 5 + 4) * kInputs + 7)], expected_trace);
    }
    EXPECT_EQ(trace[static_cast<size_t>(4 * kInputs + 7)], expected_trace);
  });
}

TEST(LiquidStateMachine, ALongRunIsItsParts) {
  const LiquidStateMachine machine(small_config(), kInputs);
  const SpikeArray inputs = poisson(5000, 1, 12, 0.05);
  LiquidState at_once = machine.initial_state(1);
  const LiquidRecord whole = machine.advance(at_once, inputs, 0.001, false);
  LiquidState state = machine.initial_state(1);
  for (int64_t from = 0; from < 5000; from += 1250) {
    SpikeArray part(Shape{1250, 1, kInputs});
    std::memcpy(part.mutable_row(0), inputs.row(from), part.byte_size());
    const LiquidRecord record = machine.advance(state, part, 0.001, false);
    ASSERT_EQ(std::memcmp(record.spikes.row(0), whole.spikes.row(from), record.spikes.byte_size()), 0);
  }
  expect_equal(at_once, state, [](bool same) { EXPECT_TRUE(same); });
  task::Cancellation cancelled;
  cancelled.cancel();
  EXPECT_THROW((void)machine.advance(state, inputs, 0.001, false, {.cancellation = &cancelled}), Stopped);
}

TEST(LiquidStateMachine, AStateIsAValue) {
  const LiquidStateMachine machine(small_config(), kInputs);
  LiquidState state = machine.initial_state(1);
  (void)machine.advance(state, poisson(50, 1, 4), 0.001, false);
  LiquidState copy = state;
  const std::vector<double> before = numbers_of(copy.potentials.view());
  (void)machine.advance(state, poisson(50, 1, 5), 0.001, false);
  EXPECT_EQ(numbers_of(copy.potentials.view()), before);
  EXPECT_NE(numbers_of(state.potentials.view()), before);
}

TEST(LiquidStateMachine, RefractoryStepsAreCounted) {
  // One neuron, driven above its threshold in every step: it fires once in refractory + 1 steps, whatever the rounding of 0.003 / 0.001.
  LiquidConfig config = small_config(ElementType::float32);
  config.refractory_period = 0.003;
  const double weight = 2;
  const double none = 0;
  RecurrentWeights recurrent{SparseMatrix::from_dense(view_of(&none, Shape{1, 1})), {false}, 0};
  const auto to_float = [](double value) {
    const auto number = static_cast<float>(value);
    return SparseMatrix::from_dense(view_of(&number, Shape{1, 1}));
  };
  recurrent.matrix = to_float(none);
  const LiquidStateMachine machine(config, recurrent, to_float(weight));
  SpikeArray inputs(Shape{100, 1, 1});
  for (int64_t t = 0; t < 100; ++t) {
    inputs.mutable_row(t)[0] = 1;
  }
  LiquidState state = machine.initial_state(1);
  const LiquidRecord record = machine.advance(state, inputs, 0.001, false);
  for (int64_t t = 0; t < 100; ++t) {
    EXPECT_EQ(record.spikes.row(t)[0], t % 4 == 0 ? 1u : 0u) << t;
  }
}

TEST(LiquidStateMachine, PlasticityMovesWeightsWithinBoundsAndKeepsSigns) {
  LiquidConfig config = small_config();
  config.plasticity = PlasticityConfig{};
  config.plasticity->rule.highest = 0.5;
  const LiquidStateMachine machine(config, kInputs);
  LiquidState state = machine.initial_state(1);
  const std::vector<double> before = numbers_of(state.weights.view());
  (void)machine.advance(state, poisson(200, 1, 6, 0.4), 0.001, false);
  const std::vector<double> after = numbers_of(state.weights.view());
  EXPECT_NE(before, after);
  for (size_t i = 0; i < after.size(); ++i) {
    ASSERT_LE(std::abs(after[i]), std::max(0.5, std::abs(before[i])));
    ASSERT_GE(after[i] * before[i], 0);
    ASSERT_TRUE(before[i] != 0 || after[i] == 0);
  }
  EXPECT_THROW(
      {
        LiquidState two = machine.initial_state(2);
        (void)machine.advance(two, poisson(2, 2, 6), 0.001, false);
      },
      std::invalid_argument);
}

TEST(LiquidStateMachine, WrongShapesAreNamed) {
  const LiquidStateMachine machine(small_config(), kInputs);
  LiquidState state = machine.initial_state(1);
  try {
    (void)machine.advance(state, SpikeArray(Shape{4, 1, 21}), 0.001, false);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "spikes: shape (4, 1, 21) where (T, batch, 20) is expected");
  }
  EXPECT_THROW((void)machine.advance(state, poisson(3, 2, 0), 0.001, false), std::invalid_argument);
  EXPECT_THROW((void)machine.advance(state, poisson(3, 1, 0), 0, false), std::invalid_argument);
  LiquidConfig config = small_config();
  config.threshold = -1;
  EXPECT_THROW(config.validate(), std::invalid_argument);
}

TEST(Dynamics, RankSeparationAndRates) {
  const std::vector<double> two{1, 2, 3, 2, 4, 6, 0, 1, 0};
  EXPECT_EQ(numerical_rank(view_of(two.data(), Shape{3, 3})), 2);
  EXPECT_EQ(numerical_rank(view_of(two.data(), Shape{1, 9})), 1);
  EXPECT_EQ(numerical_rank(view_of(two.data(), Shape{0, 9})), 0);

  const LiquidStateMachine machine(small_config(), kInputs);
  const LiquidDynamics dynamics = analyze_dynamics(machine, poisson(200, 12, 7), 0.001);
  EXPECT_EQ(dynamics.kernel_rank, 12);
  EXPECT_GT(dynamics.state_distance, 0);
  EXPECT_GT(dynamics.separation, 0);
  EXPECT_GT(dynamics.mean_rate, 1);
  EXPECT_LT(dynamics.mean_rate, 400);

  // The same input several times is one input.
  SpikeArray same(Shape{100, 3, kInputs});
  const SpikeArray once = poisson(100, 1, 8);
  for (int64_t t = 0; t < 100; ++t) {
    for (int64_t b = 0; b < 3; ++b) {
      same.mutable_row(t * 3 + b)[0] = once.row(t)[0];
    }
  }
  const LiquidDynamics equal = analyze_dynamics(machine, same, 0.001);
  EXPECT_EQ(equal.kernel_rank, 1);
  EXPECT_NEAR(equal.state_distance, 0, 1e-12);
  EXPECT_EQ(equal.separation, 0);
}

}  // namespace
}  // namespace omega::compute
