// SPDX-License-Identifier: Apache-2.0
// One step of reservoirs: spikes @ input_weights + state @ reservoir_weights.T, and what follows, in one pass.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/sparse.h"
#include "omega/compute/arrays/spikes.h"
#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// What is done to a current before it is written.
struct Activation {
  enum class Kind : uint8_t { none, tanh, leaky_tanh } kind = Kind::none;
  /// leaky_tanh: state + leak * (tanh(current) - state), 0 < leak <= 1.
  double leak = 1;
};

/// Parameters of leaky integrate-and-fire neurons. Times are whole steps, so that no rounding of times moves a spike.
struct LifParameters {
  double decay = 0.95;     ///< of the potential, a step: exp(-dt / tau)
  double threshold = 1;    ///< a potential at or above it is a spike
  double reset = 0;        ///< the potential after a spike
  double rest = 0;         ///< what the potential decays to
  int32_t refractory = 0;  ///< steps after a spike in which the potential stays at reset and no spike comes
};

/// In what numbers are multiplied.
enum class Precision : uint8_t {
  full,     ///< the weights' own type
  bfloat16  ///< weights, states and inputs rounded to bfloat16, products summed in float32 (bfloat16.h: the order)
};
/// "full", "bfloat16".
std::string_view name_of(Precision precision);

/// Weights of a reservoir of N neurons with I inputs, kept in the layouts that the loops like; dense or sparse, float32 or float64. An immutable value; copies
/// share. Any thread.
class PreparedReservoir {
 public:
  using Weights = std::variant<ArrayView, SparseMatrix>;
  using KeptWeights = std::variant<Array, SparseMatrix>;
  /// `input` is I x N, `recurrent` N x N where row i holds what goes into neuron i (so that state @ recurrent.T is the current). Both of one floating type;
  /// the weights are copied into the layouts. Recurrent weights of which at most a quarter are not 0 are kept sparse. Throws std::invalid_argument naming the
  /// argument and both shapes.
  /// In bfloat16 both are float32 and dense, and stay so however many are 0; states and results are float32. What spikes adds its weights, as ever; all other
  /// products are made, so that NaN and infinity are as in full precision. Numbers below 2^-55 are 0.
  PreparedReservoir(const Weights& input, const Weights& recurrent, Precision precision = Precision::full);
  ~PreparedReservoir();
  PreparedReservoir(const PreparedReservoir&);
  PreparedReservoir(PreparedReservoir&&) noexcept;
  PreparedReservoir& operator=(PreparedReservoir) noexcept;

  [[nodiscard]] int64_t neurons() const;
  [[nodiscard]] int64_t inputs() const;
  /// Of the weights as they were given, of states and of results.
  [[nodiscard]] ElementType type() const;
  [[nodiscard]] Precision precision() const;
  /// I x N, a copy, rounded where it is kept so: sparse where it is kept so.
  [[nodiscard]] KeptWeights input_weights() const;
  /// N x N, a copy: sparse where they are kept so.
  [[nodiscard]] KeptWeights reservoir_weights() const;
  /// Bytes that it keeps.
  [[nodiscard]] size_t byte_size() const;
  /// In words: "dense 1000 x 1000 float32, event-driven rows".
  [[nodiscard]] std::string describe() const;

  /// For each b of the batch: outputs row b = activation(spikes row b @ input + states row b @ recurrent.T). `states` B x N and `outputs` B x N contiguous of
  /// type(); `spikes` B x I of any type and strides: 0 and 1, or real inputs. The row's result does not depend on the batch around it.
  /// NaN and infinity as NumPy with dense matrices, whatever the layout: 0 times infinity is no number, for weights that are not kept too.
  void step(const ArrayView& states, const ArrayView& spikes, const Activation& activation, MutableArrayView outputs, const Execution& execution = {}) const;
  /// The same with packed spikes.
  void step(const ArrayView& states, const SpikeArray& spikes, const Activation& activation, MutableArrayView outputs, const Execution& execution = {}) const;

  /// Spiking: for each b, current = spikes row b @ input + fired row b @ recurrent.T, then one step of LIF: `potentials` B x N of type(), `waits` B x N int32
  /// (steps that remain refractory) and `fired` B x N (packed, the last step's spikes on entry, this step's on return) are updated in place. Work grows with
  /// the number of spikes.
  void step_lif(const SpikeArray& spikes, const LifParameters& parameters, MutableArrayView potentials, MutableArrayView waits, SpikeArray& fired,
                const Execution& execution = {}) const;
  /// T steps of one batch in one call: `spikes` T x B x I; `raster`, where given, T x B x N gets all spikes.
  void run_lif(const SpikeArray& spikes, const LifParameters& parameters, MutableArrayView potentials, MutableArrayView waits, SpikeArray& fired,
               SpikeArray* raster, const Execution& execution = {}) const;
  /// T steps of step() with real states: `spikes` T x B x I, `trajectory` T x B x N contiguous; starts from `states` B x N.
  void run(const ArrayView& states, const ArrayView& spikes, const Activation& activation, MutableArrayView trajectory, const Execution& execution = {}) const;

  struct State;  ///< what it holds, for the kernels

 private:
  std::shared_ptr<const State> state_;
};

}  // namespace omega::compute
