// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/reservoir_step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "omega/compute/kernels/kernel_testing.h"

namespace omega::compute {
namespace {

using testing::RandomNumbers;
using testing::with_every_instruction_set;
using testing::with_thread_counts;

/// A reservoir of random weights and states, and the same written out in float64.
template <class T>
struct Example {
  int64_t batch;
  int64_t inputs;
  int64_t neurons;
  std::vector<T> input;
  std::vector<T> recurrent;
  std::vector<T> states;
  std::vector<T> spikes;

  Example(int64_t b, int64_t i, int64_t n, double density, double spike_density, uint32_t seed) : batch(b), inputs(i), neurons(n) {
    RandomNumbers random(seed);
    input = random.uniform<T>(inputs * neurons);
    recurrent = random.sparse<T>(neurons * neurons, density);
    states = random.uniform<T>(batch * neurons);
    spikes = random.spikes<T>(batch * inputs, spike_density);
  }

  [[nodiscard]] ArrayView input_view() const { return view_of(input.data(), {inputs, neurons}); }
  [[nodiscard]] ArrayView recurrent_view() const { return view_of(recurrent.data(), {neurons, neurons}); }
  [[nodiscard]] ArrayView states_view() const { return view_of(states.data(), {batch, neurons}); }
  [[nodiscard]] ArrayView spikes_view() const { return view_of(spikes.data(), {batch, inputs}); }

  /// The current of one neuron of one state.
  [[nodiscard]] double current(int64_t b, int64_t n, const std::vector<T>& presynaptic) const {
    double sum = 0;
    for (int64_t k = 0; k < inputs; ++k) {
      sum += static_cast<double>(spikes[static_cast<size_t>(b * inputs + k)]) * static_cast<double>(input[static_cast<size_t>(k * neurons + n)]);
    }
    for (int64_t k = 0; k < neurons; ++k) {
      sum += static_cast<double>(presynaptic[static_cast<size_t>(b * neurons + k)]) * static_cast<double>(recurrent[static_cast<size_t>(n * neurons + k)]);
    }
    return sum;
  }

  [[nodiscard]] double expected(int64_t b, int64_t n, const Activation& activation) const {
    const double sum = current(b, n, states);
    const double state = states[static_cast<size_t>(b * neurons + n)];
    return activation.kind == Activation::Kind::none   ? sum
           : activation.kind == Activation::Kind::tanh ? std::tanh(sum)
                                                       : state + activation.leak * (std::tanh(sum) - state);
  }
};

template <class T>
constexpr double kTolerance = sizeof(T) == 4 ? 3e-5 : 1e-12;

template <class T>
std::vector<T> stepped(const PreparedReservoir& reservoir, const Example<T>& example, const Activation& activation, const Execution& execution = {}) {
  std::vector<T> outputs(static_cast<size_t>(example.batch * example.neurons), T{77});
  reservoir.step(example.states_view(), example.spikes_view(), activation, mutable_view_of(outputs.data(), {example.batch, example.neurons}), execution);
  return outputs;
}

template <class T>
void expect_reference(const PreparedReservoir& reservoir, const Example<T>& example) {
  for (const Activation& activation : {Activation{}, Activation{Activation::Kind::tanh, 1}, Activation{Activation::Kind::leaky_tanh, 0.3}}) {
    const std::vector<T> outputs = stepped(reservoir, example, activation);
    for (int64_t b = 0; b < example.batch; ++b) {
      for (int64_t n = 0; n < example.neurons; ++n) {
        ASSERT_NEAR(outputs[static_cast<size_t>(b * example.neurons + n)], example.expected(b, n, activation),
                    kTolerance<T> * (1 + static_cast<double>(example.neurons) / 50))
            << example.batch << " x " << example.neurons << ", state " << b << ", neuron " << n << ", activation " << static_cast<int>(activation.kind);
      }
    }
  }
}

template <class T>
void check_random_reservoirs() {
  RandomNumbers random(5);
  for (uint32_t i = 0; i < 24; ++i) {
    const double density = i % 3 == 0 ? 1.0 : i % 3 == 1 ? 0.1 : 0.02;
    const Example<T> example(random.between(0, 40), random.between(0, 30), random.between(0, 150), density, i % 2 == 0 ? 0.1 : 0.9, i);
    expect_reference(PreparedReservoir(example.input_view(), example.recurrent_view()), example);
    expect_reference(PreparedReservoir(SparseMatrix::from_dense(example.input_view()), SparseMatrix::from_dense(example.recurrent_view())), example);
  }
}

TEST(ReservoirStep, AgreesWithTheReference) {
  with_every_instruction_set([] {
    check_random_reservoirs<float>();
    check_random_reservoirs<double>();
  });
}

template <class T>
void check_same_bits(double density) {
  const Example<T> all(37, 19, 211, density, 0.2, 9);
  const PreparedReservoir reservoir(all.input_view(), all.recurrent_view());
  const Activation activation{Activation::Kind::leaky_tanh, 0.4};
  const std::vector<T> expected = stepped(reservoir, all, activation);
  with_every_instruction_set([&] {
    with_thread_counts([&](task::Scheduler& scheduler) { EXPECT_EQ(stepped(reservoir, all, activation, {.scheduler = &scheduler}), expected); });
    for (const int64_t batch : {1, 2, 3, 5, 8, 12, 13, 16, 36}) {
      Example<T> part = all;
      part.batch = batch;
      std::vector<T> got = stepped(reservoir, part, activation);
      EXPECT_TRUE(std::equal(got.begin(), got.end(), expected.begin())) << "batch of " << batch;
    }
    const SpikeArray packed = SpikeArray::from_dense(all.spikes_view());
    std::vector<T> from_packed(expected.size());
    reservoir.step(all.states_view(), packed, activation, mutable_view_of(from_packed.data(), {all.batch, all.neurons}));
    EXPECT_EQ(from_packed, expected);
  });
}

TEST(ReservoirStep, SameBitsInEveryBatchThreadCountAndInstructionSet) {
  for (const double density : {1.0, 0.1}) {
    check_same_bits<float>(density);
    check_same_bits<double>(density);
  }
}

/// Beyond one block of columns, one pass over a panel and one block of neurons: some neurons of some states against the reference.
template <class T>
void check_large(int64_t batch, double density, bool sparse_inputs) {
  constexpr int64_t kNeurons = 2300;
  Example<T> example(batch, 40, kNeurons, density, 0.1, 17);
  if (sparse_inputs) {
    example.input = RandomNumbers(18).sparse<T>(40 * kNeurons, 0.1);
  }
  const PreparedReservoir reservoir(example.input_view(), example.recurrent_view());
  Example<T> spiking = example;
  for (T& state : spiking.states) {
    state = state > static_cast<T>(0.9) ? T{1} : T{0};
  }
  const Activation activation{Activation::Kind::leaky_tanh, 0.6};
  with_every_instruction_set([&] {
    const std::vector<T> outputs = stepped(reservoir, example, activation);
    SpikeArray fired = SpikeArray::from_dense(spiking.states_view());
    std::vector<T> potentials(outputs.size());
    std::vector<int32_t> waits(outputs.size());
    reservoir.step_lif(SpikeArray::from_dense(example.spikes_view()), {.threshold = 1e9}, mutable_view_of(potentials.data(), {batch, kNeurons}),
                       mutable_view_of(waits.data(), {batch, kNeurons}), fired);
    for (int64_t b = 0; b < batch; b += 3) {
      for (const int64_t n : {0, 1, 63, 64, 127, 128, 511, 1023, 1024, 1025, 2047, 2048, 2298, 2299}) {
        const auto at = static_cast<size_t>(b * kNeurons + n);
        ASSERT_NEAR(outputs[at], example.expected(b, n, activation), 30 * kTolerance<T>) << b << ", " << n;
        ASSERT_NEAR(potentials[at], spiking.current(b, n, spiking.states), 30 * kTolerance<T>) << b << ", " << n;
      }
    }
  });
}

TEST(ReservoirStep, LargeReservoirsAgreeWithTheReference) {
  check_large<float>(1, 0.1, false);
  check_large<float>(50, 0.05, true);
  check_large<float>(7, 1, false);
  check_large<double>(7, 0.1, false);
  check_large<double>(7, 1, false);
}

/// More columns than 16 bits can number, and few weights in a row: several blocks as wide as they can be.
TEST(ReservoirStep, VeryLargeSparseReservoirsAgreeWithTheReference) {
  constexpr int64_t kNeurons = 140'000;
  constexpr int64_t kWeights = 3;
  const auto column = [](int64_t n, int64_t i) { return (n / kWeights + i * (kNeurons / kWeights)) % kNeurons; };
  std::vector<int64_t> first{0};
  std::vector<int32_t> columns;
  Array values(ElementType::float32, {kNeurons * kWeights});
  for (int64_t n = 0; n < kNeurons; ++n) {
    std::vector<int64_t> row{column(n, 0), column(n, 1), column(n, 2)};
    std::sort(row.begin(), row.end());
    columns.insert(columns.end(), row.begin(), row.end());
    first.push_back(static_cast<int64_t>(columns.size()));
  }
  const std::vector<float> weights = RandomNumbers(1).uniform<float>(kNeurons * kWeights);
  std::copy(weights.begin(), weights.end(), values.as<float>());
  const SparseMatrix recurrent(kNeurons, kNeurons, std::vector<int64_t>(first), std::vector<int32_t>(columns), std::move(values));
  const SparseMatrix input(0, kNeurons, {0}, {}, Array(ElementType::float32, {0}));
  const PreparedReservoir reservoir(input, recurrent);
  const std::vector<float> spikes;
  for (const int64_t batch : {1, 3}) {
    const std::vector<float> states = RandomNumbers(2).uniform<float>(batch * kNeurons);
    std::vector<float> outputs(states.size());
    reservoir.step(view_of(states.data(), {batch, kNeurons}), view_of(spikes.data(), {batch, 0}), {}, mutable_view_of(outputs.data(), {batch, kNeurons}));
    for (int64_t i = 0; i < batch * kNeurons; ++i) {
      double current = 0;
      for (int64_t e = first[static_cast<size_t>(i % kNeurons)]; e < first[static_cast<size_t>(i % kNeurons) + 1]; ++e) {
        current += static_cast<double>(weights[static_cast<size_t>(e)]) *
                   static_cast<double>(states[static_cast<size_t>(i / kNeurons * kNeurons + columns[static_cast<size_t>(e)])]);
      }
      ASSERT_NEAR(outputs[static_cast<size_t>(i)], current, 1e-6) << i;
    }
  }
}

TEST(ReservoirStep, SameBitsWhetherInputsAreListedOrNot) {
  for (const double density : {1.0, 0.1}) {
    Example<float> example(6, 64, 100, density, 0.1, 19);
    const PreparedReservoir reservoir(example.input_view(), example.recurrent_view());
    const std::vector<float> listed = stepped(reservoir, example, {});
    // One more state with all inputs: now they are too many to be listed.
    Example<float> more = example;
    more.batch = 7;
    more.spikes.resize(7 * 64, 1);
    more.states.resize(7 * 100, 0.5F);
    more.spikes.insert(more.spikes.end(), 64 * 3, 1.0F);
    more.states.insert(more.states.end(), 100 * 3, 0.5F);
    more.batch = 10;
    const std::vector<float> all = stepped(reservoir, more, {});
    EXPECT_TRUE(std::equal(listed.begin(), listed.end(), all.begin()));
  }
}

TEST(ReservoirStep, SparseAndDenseWeightsGiveTheSameBits) {
  const Example<float> example(5, 20, 120, 0.1, 0.3, 10);
  const std::vector<float> dense = stepped(PreparedReservoir(example.input_view(), example.recurrent_view()), example, {});
  EXPECT_EQ(stepped(PreparedReservoir(example.input_view(), SparseMatrix::from_dense(example.recurrent_view())), example, {}), dense);
  EXPECT_EQ(stepped(PreparedReservoir(SparseMatrix::from_dense(example.input_view()), example.recurrent_view()), example, {}), dense);
}

template <class T>
std::vector<T> numbers_of(const PreparedReservoir::KeptWeights& weights) {
  const auto* const sparse = std::get_if<SparseMatrix>(&weights);
  Array dense = sparse == nullptr ? std::get<Array>(weights) : Array(sparse->type(), {sparse->rows(), sparse->columns()});
  if (sparse != nullptr) {
    sparse->to_dense(dense.mutable_view());
  }
  return {dense.as<T>(), dense.as<T>() + dense.shape().count()};
}

TEST(ReservoirStep, GivesItsWeightsBack) {
  for (const double density : {1.0, 0.1}) {
    const Example<double> example(1, 7, 53, density, 0.3, 5);
    const PreparedReservoir reservoir(example.input_view(), example.recurrent_view());
    EXPECT_EQ(std::holds_alternative<SparseMatrix>(reservoir.reservoir_weights()), density < 1);
    EXPECT_EQ(numbers_of<double>(reservoir.input_weights()), example.input);
    EXPECT_EQ(numbers_of<double>(reservoir.reservoir_weights()), example.recurrent);
  }
  const std::vector<float> few{0, 0, 0, 2, 0, 0, 0, 0};
  const std::vector<float> none(16);
  const PreparedReservoir sparse(view_of(few.data(), {2, 4}), view_of(none.data(), {4, 4}));
  EXPECT_TRUE(std::holds_alternative<SparseMatrix>(sparse.input_weights()));
  EXPECT_EQ(numbers_of<float>(sparse.input_weights()), few);
}

TEST(ReservoirStep, TakesInputsOfAnyTypeAndStride) {
  const Example<float> example(4, 20, 50, 1, 0.4, 11);
  const PreparedReservoir reservoir(example.input_view(), example.recurrent_view());
  const std::vector<float> expected = stepped(reservoir, example, {});
  for (const ElementType type : {ElementType::boolean, ElementType::uint8, ElementType::int32, ElementType::int64, ElementType::float64}) {
    const Array converted = contiguous_copy(example.spikes_view(), type);
    std::vector<float> outputs(expected.size());
    reservoir.step(example.states_view(), converted.view(), {}, mutable_view_of(outputs.data(), {4, 50}));
    EXPECT_EQ(outputs, expected) << name_of(type);
  }
  std::vector<float> transposed(example.spikes.size());
  ArrayView view = view_of(transposed.data(), {20, 4});
  std::swap(view.strides[0], view.strides[1]);
  view.shape = {4, 20};
  for (size_t b = 0; b < 4; ++b) {
    for (size_t i = 0; i < 20; ++i) {
      transposed[i * 4 + b] = example.spikes[b * 20 + i];
    }
  }
  std::vector<float> outputs(expected.size());
  reservoir.step(example.states_view(), view, {}, mutable_view_of(outputs.data(), {4, 50}));
  EXPECT_EQ(outputs, expected);
}

TEST(ReservoirStep, ZeroTimesInfinityIsNoNumberAsInNumPy) {
  with_every_instruction_set([] {
    for (const double density : {1.0, 0.05}) {
      for (const int64_t batch : {1, 3, 20}) {
        // An infinite weight meets states of 0.
        Example<float> example(batch, 6, 40, density, 0.5, 12);
        example.input[3] = INFINITY;
        example.recurrent[5 * 40 + 7] = INFINITY;
        example.states.assign(example.states.size(), 0);
        example.spikes.assign(example.spikes.size(), 0);
        std::vector<float> outputs = stepped(PreparedReservoir(example.input_view(), example.recurrent_view()), example, {});
        const std::vector<float> sparse =
            stepped(PreparedReservoir(SparseMatrix::from_dense(example.input_view()), SparseMatrix::from_dense(example.recurrent_view())), example, {});
        for (int64_t n = 0; n < 40; ++n) {
          EXPECT_EQ(std::isnan(outputs[static_cast<size_t>(n)]), n == 3 || n == 5) << n;
          EXPECT_EQ(std::isnan(sparse[static_cast<size_t>(n)]), n == 3 || n == 5) << n;
        }
        // An infinite input meets sparse weights of 0.
        Example<float> inputs(batch, 6, 40, density, 0.5, 13);
        inputs.input = RandomNumbers(14).sparse<float>(6 * 40, 0.1);
        inputs.spikes[2] = INFINITY;
        outputs = stepped(PreparedReservoir(inputs.input_view(), inputs.recurrent_view()), inputs, {});
        for (int64_t n = 0; n < 40; ++n) {
          EXPECT_EQ(std::isnan(outputs[static_cast<size_t>(n)]), inputs.input[static_cast<size_t>(2 * 40 + n)] == 0) << n;
        }
        // An infinite state meets weights of 0.
        Example<float> other(batch, 6, 40, density, 0.5, 13);
        other.states[9] = INFINITY;
        outputs = stepped(PreparedReservoir(other.input_view(), other.recurrent_view()), other, {});
        for (int64_t b = 0; b < batch; ++b) {
          for (int64_t n = 0; n < 40; ++n) {
            const float weight = other.recurrent[static_cast<size_t>(n * 40 + 9)];
            const float got = outputs[static_cast<size_t>(b * 40 + n)];
            if (b > 0) {
              EXPECT_TRUE(std::isfinite(got));
            } else if (weight == 0) {
              EXPECT_TRUE(std::isnan(got)) << n;
            } else {
              EXPECT_EQ(got, std::copysign(INFINITY, weight)) << n;
            }
          }
        }
      }
    }
  });
}

TEST(ReservoirStep, RefusesWrongShapesTypesAndLeaks) {
  const Example<float> example(2, 3, 5, 1, 0.5, 14);
  const Example<double> doubles(2, 3, 5, 1, 0.5, 14);
  EXPECT_THROW(PreparedReservoir(example.input_view(), view_of(example.input.data(), {3, 5})), std::invalid_argument);
  EXPECT_THROW(PreparedReservoir(view_of(example.input.data(), {5, 3}), example.recurrent_view()), std::invalid_argument);
  EXPECT_THROW(PreparedReservoir(doubles.input_view(), example.recurrent_view()), std::invalid_argument);
  const std::vector<int32_t> integers(25);
  EXPECT_THROW(PreparedReservoir(example.input_view(), view_of(integers.data(), {5, 5})), std::invalid_argument);

  const PreparedReservoir reservoir(example.input_view(), example.recurrent_view());
  std::vector<float> outputs(10);
  const MutableArrayView output = mutable_view_of(outputs.data(), {2, 5});
  EXPECT_THROW(reservoir.step(doubles.states_view(), example.spikes_view(), {}, output), std::invalid_argument);
  EXPECT_THROW(reservoir.step(view_of(example.states.data(), {10}), example.spikes_view(), {}, output), std::invalid_argument);
  EXPECT_THROW(reservoir.step(example.states_view(), view_of(example.spikes.data(), {1, 6}), {}, output), std::invalid_argument);
  EXPECT_THROW(reservoir.step(example.states_view(), example.spikes_view(), {}, mutable_view_of(outputs.data(), {1, 5})), std::invalid_argument);
  EXPECT_THROW(reservoir.step(example.states_view(), example.spikes_view(), {Activation::Kind::leaky_tanh, 0}, output), std::invalid_argument);
  EXPECT_THROW(reservoir.step(example.states_view(), example.spikes_view(), {Activation::Kind::leaky_tanh, 1.5}, output), std::invalid_argument);
  std::vector<int32_t> waits(10);
  SpikeArray fired(Shape{2, 5});
  const SpikeArray spikes(Shape{2, 3});
  EXPECT_THROW(reservoir.step_lif(spikes, {.decay = 1.5}, output, mutable_view_of(waits.data(), {2, 5}), fired), std::invalid_argument);
  EXPECT_THROW(reservoir.step_lif(spikes, {.refractory = -1}, output, mutable_view_of(waits.data(), {2, 5}), fired), std::invalid_argument);
  EXPECT_THROW(reservoir.step_lif(spikes, {}, output, mutable_view_of(waits.data(), {10}), fired), std::invalid_argument);
  EXPECT_THROW(reservoir.step_lif(SpikeArray(Shape{2, 4}), {}, output, mutable_view_of(waits.data(), {2, 5}), fired), std::invalid_argument);
}

TEST(ReservoirRun, IsStepAfterStep) {
  for (const double density : {1.0, 0.1}) {
    for (const int64_t batch : {1, 5, 20}) {
      const Example<float> example(batch, 10, 90, density, 0.2, 15);
      constexpr int64_t kSteps = 7;
      RandomNumbers random(16);
      const std::vector<float> inputs = random.uniform<float>(kSteps * batch * 10);
      const PreparedReservoir reservoir(example.input_view(), example.recurrent_view());
      const Activation activation{Activation::Kind::leaky_tanh, 0.5};
      std::vector<float> trajectory(static_cast<size_t>(kSteps * batch * 90));
      reservoir.run(example.states_view(), view_of(inputs.data(), {kSteps, batch, 10}), activation, mutable_view_of(trajectory.data(), {kSteps, batch, 90}));
      Example<float> now = example;
      for (int64_t t = 0; t < kSteps; ++t) {
        std::copy_n(inputs.begin() + t * batch * 10, batch * 10, now.spikes.begin());
        now.states = stepped(reservoir, now, activation);
        ASSERT_TRUE(std::equal(now.states.begin(), now.states.end(), trajectory.begin() + t * batch * 90)) << t;
      }
    }
  }
}

/// Leaky integrate-and-fire states of a batch.
template <class T>
struct LifStates {
  std::vector<T> potentials;
  std::vector<int32_t> waits;
  SpikeArray fired;
  Shape shape;

  explicit LifStates(const Shape& s) : potentials(static_cast<size_t>(s.count())), waits(potentials.size()), fired(s), shape(s) {}

  void step(const PreparedReservoir& reservoir, const SpikeArray& spikes, const LifParameters& parameters, const Execution& execution = {}) {
    reservoir.step_lif(spikes, parameters, mutable_view_of(potentials.data(), shape), mutable_view_of(waits.data(), shape), fired, execution);
  }
  [[nodiscard]] std::vector<T> fired_numbers() const {
    std::vector<T> numbers(potentials.size());
    fired.to_dense(mutable_view_of(numbers.data(), shape));
    return numbers;
  }
};

constexpr LifParameters kLif{.decay = 0.9, .threshold = 1, .reset = -0.1, .rest = 0.05, .refractory = 2};

/// The float64 reference, given the fired neurons of this implementation, so that a rounding at the threshold does not end the comparison.
template <class T>
void check_lif(double density, int64_t batch, int64_t neurons) {
  Example<T> example(batch, 17, neurons, density, 0.3, 21);
  const PreparedReservoir reservoir(example.input_view(), example.recurrent_view());
  const Shape shape{batch, neurons};
  LifStates<T> states(shape);
  RandomNumbers random(22);
  int64_t all_fired = 0;
  for (int t = 0; t < 20; ++t) {
    example.spikes = random.spikes<T>(batch * 17, 0.3);
    const std::vector<T> before = states.fired_numbers();
    const std::vector<T> potentials = states.potentials;
    const std::vector<int32_t> waits = states.waits;
    states.step(reservoir, SpikeArray::from_dense(example.spikes_view()), kLif);
    const std::vector<T> after = states.fired_numbers();
    all_fired += states.fired.count();
    for (int64_t b = 0; b < batch; ++b) {
      for (int64_t n = 0; n < neurons; ++n) {
        const auto at = static_cast<size_t>(b * neurons + n);
        if (waits[at] > 0) {
          EXPECT_EQ(states.waits[at], waits[at] - 1);
          EXPECT_EQ(states.potentials[at], static_cast<T>(kLif.reset));
          EXPECT_EQ(after[at], T{0});
          continue;
        }
        const double risen = kLif.rest + kLif.decay * (static_cast<double>(potentials[at]) - kLif.rest) + example.current(b, n, before);
        const double tolerance = kTolerance<T> * 3;
        if (after[at] != T{0}) {
          EXPECT_GT(risen, kLif.threshold - tolerance);
          EXPECT_EQ(states.potentials[at], static_cast<T>(kLif.reset));
          EXPECT_EQ(states.waits[at], kLif.refractory);
        } else {
          EXPECT_LT(risen, kLif.threshold + tolerance);
          EXPECT_NEAR(states.potentials[at], risen, tolerance);
          EXPECT_EQ(states.waits[at], 0);
        }
      }
    }
  }
  EXPECT_GT(all_fired, 0);
}

TEST(ReservoirLif, AgreesWithTheReference) {
  with_every_instruction_set([] {
    for (const double density : {1.0, 0.1}) {
      for (const int64_t batch : {1, 3, 20, 70}) {
        check_lif<float>(density, batch, 75);
        check_lif<double>(density, batch, 130);
      }
    }
  });
}

template <class T>
void check_lif_bits(double density) {
  const Example<T> example(1, 17, 300, density, 0.3, 23);
  const PreparedReservoir reservoir(example.input_view(), example.recurrent_view());
  constexpr int64_t kSteps = 12;
  constexpr int64_t kBatch = 67;
  RandomNumbers random(24);
  const std::vector<uint8_t> bytes = random.spikes<uint8_t>(kSteps * kBatch * 17, 0.3);
  const SpikeArray spikes = SpikeArray::from_dense(view_of(bytes.data(), {kSteps, kBatch, 17}));
  // Each state of the batch alone, step by step.
  std::vector<T> alone;
  std::vector<uint8_t> alone_raster(kSteps * kBatch * 300);
  for (int64_t b = 0; b < kBatch; ++b) {
    LifStates<T> state({1, 300});
    for (int64_t t = 0; t < kSteps; ++t) {
      state.step(reservoir, SpikeArray::from_dense(view_of(bytes.data() + (t * kBatch + b) * 17, {1, 17})), kLif);
      state.fired.to_dense(mutable_view_of(alone_raster.data() + (t * kBatch + b) * 300, {1, 300}));
    }
    alone.insert(alone.end(), state.potentials.begin(), state.potentials.end());
  }
  with_every_instruction_set([&] {
    with_thread_counts([&](task::Scheduler& scheduler) {
      LifStates<T> states({kBatch, 300});
      SpikeArray raster(Shape{kSteps, kBatch, 300});
      reservoir.run_lif(spikes, kLif, mutable_view_of(states.potentials.data(), states.shape), mutable_view_of(states.waits.data(), states.shape), states.fired,
                        &raster, {.scheduler = &scheduler});
      EXPECT_EQ(states.potentials, alone);
      std::vector<uint8_t> dense(alone_raster.size());
      raster.to_dense(mutable_view_of(dense.data(), raster.shape()));
      EXPECT_EQ(dense, alone_raster);
    });
  });
}

TEST(ReservoirLif, SameBitsInEveryBatchThreadCountAndInstructionSet) {
  for (const double density : {1.0, 0.1}) {
    check_lif_bits<float>(density);
    check_lif_bits<double>(density);
  }
}

}  // namespace
}  // namespace omega::compute
