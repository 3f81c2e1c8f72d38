// SPDX-License-Identifier: Apache-2.0
// Liquid state machine: a fixed recurrent network of spiking neurons whose filtered spikes a linear readout reads (Maass, Natschlaeger and Markram 2002).
#pragma once

#include <cstdint>
#include <optional>

#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/sparse.h"
#include "omega/compute/arrays/spikes.h"
#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/plasticity.h"
#include "omega/compute/kernels/reservoir_step.h"
#include "omega/compute/spiking/connectivity.h"

namespace omega::compute {

/// Plasticity of the recurrent weights; bounds are in the unit of the weights.
struct PlasticityConfig {
  StdpParameters rule;
  double tau_potentiation = 0.020;  ///< of presynaptic traces [s]
  double tau_depression = 0.020;    ///< of postsynaptic traces [s]
};

/// A liquid: weights, neurons, the filter before the readout. Potentials are in thresholds, times in seconds.
struct LiquidConfig {
  ConnectivityConfig connectivity;
  double tau_membrane = 0.020;  ///< [s]
  double threshold = 1;
  double reset = 0;
  double rest = 0;
  double refractory_period = 0.002;  ///< [s]; rounded to whole steps
  double tau_readout = 0.030;        ///< of the traces that readouts see [s]
  std::optional<PlasticityConfig> plasticity;

  /// Throws std::invalid_argument that names the field, its value and what it may be.
  void validate() const;
  /// The neurons' parameters for steps of `dt` [s]; throws std::invalid_argument unless it is above 0.
  [[nodiscard]] LifParameters neurons(double dt) const;
  /// Factor of a trace that readouts see, in a step of `dt` [s].
  [[nodiscard]] double readout_decay(double dt) const;
};

/// Everything that changes while a liquid runs: B copies of it side by side. Copies share memory: advance() replaces what it changes, so that other copies
/// stay.
struct LiquidState {
  Array potentials;  ///< B x N, the weights' type
  Array waits;       ///< B x N int32: steps that remain refractory
  SpikeArray fired;  ///< B x N: the spikes of the last step
  Array trace;       ///< B x N float64: the spikes so far, filtered
  /// With plasticity, which B = 1 has alone: weights N x N (row i holds what goes into neuron i) and traces of N numbers, the weights' type.
  Array weights;
  Array presynaptic;
  Array postsynaptic;
};

/// What advance() writes besides the state.
struct LiquidRecord {
  SpikeArray spikes;                ///< T x B x N
  std::optional<Array> potentials;  ///< T x B x N, after each step's reset
};

/// A liquid with its weights. An immutable value; copies share; any thread.
class LiquidStateMachine {
 public:
  /// Draws the weights. Throws std::invalid_argument as LiquidConfig::validate().
  LiquidStateMachine(const LiquidConfig& config, int64_t inputs, const Execution& execution = {});
  /// With given weights: `recurrent` N x N, `input` inputs x N, of the config's type; N counts, not the config's reservoir_size.
  LiquidStateMachine(const LiquidConfig& config, RecurrentWeights recurrent, SparseMatrix input);

  /// The same recurrent weights with another number of drawn inputs.
  [[nodiscard]] LiquidStateMachine with_inputs(int64_t inputs, const Execution& execution = {}) const;

  [[nodiscard]] const LiquidConfig& config() const { return config_; }
  [[nodiscard]] int64_t neurons() const { return prepared_.neurons(); }
  [[nodiscard]] int64_t inputs() const { return prepared_.inputs(); }
  [[nodiscard]] const RecurrentWeights& recurrent() const { return recurrent_; }
  [[nodiscard]] const SparseMatrix& input_weights() const { return input_; }

  /// At rest, no spikes, `batch` copies.
  [[nodiscard]] LiquidState initial_state(int64_t batch) const;
  /// Runs T steps of `dt` seconds with the inputs `spikes`, T x B x inputs, from `state`, which then is the one after them. T steps in one call give the bits
  /// of T calls. Throws std::invalid_argument, naming the argument and both shapes, where sizes differ.
  LiquidRecord advance(LiquidState& state, const SpikeArray& spikes, double dt, bool record_potentials, const Execution& execution = {}) const;

 private:
  void check(const LiquidState& state, const SpikeArray& spikes) const;
  void step_plastic(LiquidState& state, const SpikeArray& input, double dt, const Execution& execution) const;

  LiquidConfig config_;
  RecurrentWeights recurrent_;
  SparseMatrix input_;
  PreparedReservoir prepared_;
};

/// Filters the spikes of T steps, T x B x N, on from `trace`, B x N float64, which is updated: trace = trace * decay + spike. Where `filtered` is given, T x B
/// x N float64, it gets the trace after each step.
void filter_on(const SpikeArray& spikes, double decay, MutableArrayView trace, const MutableArrayView* filtered, const Execution& execution = {});

}  // namespace omega::compute
