// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/liquid_state_machine.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "omega/compute/kernels/neuron.h"
#include "omega/compute/spiking/numbers.h"
#include "omega/compute/spiking/spike_loops.h"

namespace omega::compute {

namespace {

/// Steps times copies that run without looking at a cancellation: some ten milliseconds of a large liquid.
constexpr int64_t kRowsInPart = 4096;

void check_time(const char* field, double seconds) {
  if (!(seconds > 0 && std::isfinite(seconds))) {
    throw std::invalid_argument(std::string(field) + ": " + std::to_string(seconds) + " is not a time above 0 s");
  }
}

Array copy_of(const Array& array) {
  Array copy(array.type(), array.shape());
  if (array.shape().count() > 0) {
    std::memcpy(copy.mutable_view().data, array.view().data, static_cast<size_t>(array.shape().count()) * size_of(array.type()));
  }
  return copy;
}

SpikeArray copy_of(const SpikeArray& spikes) {
  SpikeArray copy(spikes.shape());
  if (spikes.rows() > 0) {
    std::memcpy(copy.mutable_row(0), spikes.row(0), spikes.byte_size());
  }
  return copy;
}

/// The state's memory for itself, so that it can be written.
void detach(LiquidState& state) {
  state.potentials = copy_of(state.potentials);
  state.waits = copy_of(state.waits);
  state.fired = copy_of(state.fired);
  state.trace = copy_of(state.trace);
  if (state.weights.shape().rank() == 2) {
    state.weights = copy_of(state.weights);
    state.presynaptic = copy_of(state.presynaptic);
    state.postsynaptic = copy_of(state.postsynaptic);
  }
}

/// Steps of T x B x columns from `from` on, copied, in a shape that holds some of them.
SpikeArray steps_of(const SpikeArray& spikes, int64_t from, const Shape& shape) {
  SpikeArray steps(shape);
  if (steps.rows() > 0) {
    std::memcpy(steps.mutable_row(0), spikes.row(from * spikes.shape()[1]), steps.byte_size());
  }
  return steps;
}

Array zeros(ElementType type, const Shape& shape) {
  Array array(type, shape);
  std::memset(array.mutable_view().data, 0, static_cast<size_t>(shape.count()) * size_of(type));
  return array;
}

template <class T>
void fill(Array& array, double value) {
  std::fill_n(array.as<T>(), array.shape().count(), static_cast<T>(value));
}

/// body(column) for each bit that is set.
template <class Body>
void for_spikes(const uint64_t* row, int64_t words, Body&& body) {
  for (int64_t w = 0; w < words; ++w) {
    for (uint64_t bits = row[w]; bits != 0; bits &= bits - 1) {
      body(w * 64 + std::countr_zero(bits));
    }
  }
}

void check_shape(const char* name, const Array& array, ElementType type, const Shape& shape) {
  if (array.type() != type || !(array.shape() == shape)) {
    throw std::invalid_argument(std::string("state.") + name + ": " + std::string(name_of(array.type())) + array.shape().describe() + " where " +
                                std::string(name_of(type)) + shape.describe() + " is expected");
  }
}

/// traces = traces * decay, then the spikes' increments where `add`.
template <class T>
void decay_all(T* traces, int64_t count, double decay) {
  for (int64_t i = 0; i < count; ++i) {
    traces[i] *= static_cast<T>(decay);
  }
}

/// What input spikes and the last step's spikes send to each neuron, with weights that change: in the order of inputs, then of presynaptic neurons.
template <class T>
void plastic_currents(const SparseMatrix& input_weights, const SpikeArray& input, const T* weights, const SpikeArray& fired, int64_t neurons, T* currents) {
  std::fill_n(currents, neurons, T{0});
  const T* const values = input_weights.values().template as<T>();
  for_spikes(input.row(0), input.words_per_row(), [&](int64_t i) {
    for (int64_t k = input_weights.first()[static_cast<size_t>(i)]; k < input_weights.first()[static_cast<size_t>(i) + 1]; ++k) {
      currents[input_weights.column_numbers()[static_cast<size_t>(k)]] += values[k];
    }
  });
  for_spikes(fired.row(0), fired.words_per_row(), [&](int64_t pre) {
    for (int64_t post = 0; post < neurons; ++post) {
      currents[post] += weights[post * neurons + pre];
    }
  });
}

}  // namespace

void LiquidConfig::validate() const {
  connectivity.validate();
  check_time("tau_membrane", tau_membrane);
  check_time("tau_readout", tau_readout);
  if (!(refractory_period >= 0 && std::isfinite(refractory_period))) {
    throw std::invalid_argument("refractory_period: " + std::to_string(refractory_period) + " is not a time from 0 s on");
  }
  for (const auto& [field, value] : {std::pair("rest", rest), {"reset", reset}}) {
    if (!std::isfinite(value)) {
      throw std::invalid_argument(std::string(field) + ": " + std::to_string(value) + " is not a finite potential");
    }
  }
  if (!(threshold > reset && std::isfinite(threshold))) {
    throw std::invalid_argument("threshold: " + std::to_string(threshold) + " is not above reset, " + std::to_string(reset));
  }
  if (plasticity) {
    check_time("tau_potentiation", plasticity->tau_potentiation);
    check_time("tau_depression", plasticity->tau_depression);
    if (!(plasticity->rule.lowest >= 0 && plasticity->rule.highest >= plasticity->rule.lowest)) {
      throw std::invalid_argument("plasticity: bounds " + std::to_string(plasticity->rule.lowest) + " and " + std::to_string(plasticity->rule.highest) +
                                  " of a weight's magnitude do not ascend from 0 on");
    }
  }
}

LifParameters LiquidConfig::neurons(double dt) const {
  check_time("dt", dt);
  const double refractory = std::round(refractory_period / dt);
  if (refractory > 1e9) {
    throw std::invalid_argument("dt: the refractory period of " + std::to_string(refractory_period) + " s would take " + std::to_string(refractory) + " steps");
  }
  return {.decay = std::exp(-dt / tau_membrane), .threshold = threshold, .reset = reset, .rest = rest, .refractory = static_cast<int32_t>(refractory)};
}

double LiquidConfig::readout_decay(double dt) const { return std::exp(-dt / tau_readout); }

LiquidStateMachine::LiquidStateMachine(const LiquidConfig& config, int64_t inputs, const Execution& execution)
    : LiquidStateMachine((config.validate(), config), make_recurrent_weights(config.connectivity, execution),
                         make_input_weights(config.connectivity, inputs, execution)) {}

LiquidStateMachine::LiquidStateMachine(const LiquidConfig& config, RecurrentWeights recurrent, SparseMatrix input)
    : config_(config), recurrent_(std::move(recurrent)), input_(std::move(input)), prepared_(input_, recurrent_.matrix) {
  config_.connectivity.reservoir_size = recurrent_.matrix.rows();
}

LiquidStateMachine LiquidStateMachine::with_inputs(int64_t inputs, const Execution& execution) const {
  return {config_, recurrent_, make_input_weights(config_.connectivity, inputs, execution)};
}

LiquidState LiquidStateMachine::initial_state(int64_t batch) const {
  if (batch < 0) {
    throw std::invalid_argument("batch: " + std::to_string(batch) + " is negative");
  }
  const int64_t n = neurons();
  const Shape shape{batch, n};
  const ElementType type = prepared_.type();
  LiquidState state{Array(type, shape), zeros(ElementType::int32, shape), SpikeArray(shape), zeros(ElementType::float64, shape), {}, {}, {}};
  type == ElementType::float32 ? fill<float>(state.potentials, config_.rest) : fill<double>(state.potentials, config_.rest);
  if (config_.plasticity) {
    state.weights = Array(type, Shape{n, n});
    recurrent_.matrix.to_dense(state.weights.mutable_view());
    state.presynaptic = zeros(type, Shape{n});
    state.postsynaptic = zeros(type, Shape{n});
  }
  return state;
}

void LiquidStateMachine::check(const LiquidState& state, const SpikeArray& spikes) const {
  const int64_t n = neurons();
  if (spikes.shape().rank() != 3 || spikes.columns() != inputs()) {
    throw std::invalid_argument("spikes: shape " + spikes.shape().describe() + " where (T, batch, " + std::to_string(inputs()) + ") is expected");
  }
  const int64_t batch = spikes.shape()[1];
  const Shape shape{batch, n};
  check_shape("potential", state.potentials, prepared_.type(), shape);
  check_shape("refractory", state.waits, ElementType::int32, shape);
  check_shape("trace", state.trace, ElementType::float64, shape);
  if (!(state.fired.shape() == shape)) {
    throw std::invalid_argument("state.spikes: shape " + state.fired.shape().describe() + " where " + shape.describe() + " is expected");
  }
  if (config_.plasticity) {
    if (batch != 1) {
      throw std::invalid_argument("spikes: a batch of " + std::to_string(batch) + "; weights that change belong to one run, not to a batch");
    }
    check_shape("weights", state.weights, prepared_.type(), Shape{n, n});
    check_shape("presynaptic", state.presynaptic, prepared_.type(), Shape{n});
    check_shape("postsynaptic", state.postsynaptic, prepared_.type(), Shape{n});
  }
}

LiquidRecord LiquidStateMachine::advance(LiquidState& state, const SpikeArray& spikes, double dt, bool record_potentials, const Execution& execution) const {
  const LifParameters lif = config_.neurons(dt);
  check(state, spikes);
  LiquidState next = state;
  detach(next);
  const int64_t steps = spikes.shape()[0];
  const int64_t batch = spikes.shape()[1];
  LiquidRecord record{SpikeArray(Shape{steps, batch, neurons()}), std::nullopt};
  if (record_potentials) {
    record.potentials = Array(prepared_.type(), Shape{steps, batch, neurons()});
  }
  if (!record_potentials && !config_.plasticity) {
    // In parts, between which a cancellation is looked at.
    const int64_t part = std::max<int64_t>(1, kRowsInPart / std::max<int64_t>(batch, 1));
    for (int64_t from = 0; from < steps; from += part) {
      const int64_t count = std::min(part, steps - from);
      const SpikeArray input = steps_of(spikes, from, Shape{count, batch, spikes.columns()});
      SpikeArray raster(Shape{count, batch, neurons()});
      prepared_.run_lif(input, lif, next.potentials.mutable_view(), next.waits.mutable_view(), next.fired, &raster, execution);
      if (raster.rows() > 0) {
        std::memcpy(record.spikes.mutable_row(from * batch), raster.row(0), raster.byte_size());
      }
    }
  } else {
    const size_t row_bytes = static_cast<size_t>(batch * neurons()) * size_of(prepared_.type());
    for (int64_t t = 0; t < steps; ++t) {
      const SpikeArray input = steps_of(spikes, t, Shape{batch, spikes.columns()});
      if (config_.plasticity) {
        step_plastic(next, input, dt, execution);
      } else {
        prepared_.step_lif(input, lif, next.potentials.mutable_view(), next.waits.mutable_view(), next.fired, execution);
      }
      if (batch > 0) {
        std::memcpy(record.spikes.mutable_row(t * batch), next.fired.row(0), next.fired.byte_size());
      }
      if (record_potentials) {
        std::memcpy(record.potentials->mutable_view().data + static_cast<size_t>(t) * row_bytes, next.potentials.view().data, row_bytes);
      }
    }
  }
  filter_on(record.spikes, config_.readout_decay(dt), next.trace.mutable_view(), nullptr, execution);
  state = std::move(next);
  return record;
}

void LiquidStateMachine::step_plastic(LiquidState& state, const SpikeArray& input, double dt, const Execution& execution) const {
  const PlasticityConfig& plasticity = *config_.plasticity;
  const int64_t n = neurons();
  const SpikeArray before = copy_of(state.fired);
  Array currents(prepared_.type(), Shape{1, n});
  const auto run = [&]<class T>(T) {
    plastic_currents<T>(input_, input, state.weights.as<T>(), before, n, currents.as<T>());
    lif_step(currents.view(), config_.neurons(dt), state.potentials.mutable_view(), state.waits.mutable_view(), state.fired, execution);
    decay_all(state.presynaptic.as<T>(), n, std::exp(-dt / plasticity.tau_potentiation));
    decay_all(state.postsynaptic.as<T>(), n, std::exp(-dt / plasticity.tau_depression));
    stdp_step(before, state.fired, state.presynaptic.view(), state.postsynaptic.view(), plasticity.rule, state.weights.mutable_view(), execution);
    for_spikes(before.row(0), before.words_per_row(), [&](int64_t i) { state.presynaptic.as<T>()[i] += 1; });
    for_spikes(state.fired.row(0), before.words_per_row(), [&](int64_t i) { state.postsynaptic.as<T>()[i] += 1; });
  };
  prepared_.type() == ElementType::float32 ? run(float{}) : run(double{});
}

void filter_on(const SpikeArray& spikes, double decay, MutableArrayView trace, const MutableArrayView* filtered, const Execution& execution) {
  const int64_t steps = spikes.shape()[0];
  const int64_t words = spikes.words_per_row();
  const int64_t columns = spikes.columns();
  const int64_t batch = steps == 0 ? 0 : spikes.rows() / steps;
  if (steps == 0 || words == 0) {
    return;
  }
  run_pieces(execution, batch * words, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const int64_t b = at / words;
      const int64_t w = at % words;
      const int64_t column = w * 64;
      spike_loops().filter(spikes.row(b) + w, batch * words, steps, std::min<int64_t>(64, columns - column), decay, trace.as<double>() + b * columns + column,
                           filtered == nullptr ? nullptr : filtered->as<double>() + b * columns + column, batch * columns, 0);
    }
  });
}

}  // namespace omega::compute
