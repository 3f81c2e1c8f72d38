// SPDX-License-Identifier: Apache-2.0
// The innermost loops of neurons, for one instruction set.
#pragma once

#include <cstdint>

#include "omega/compute/kernels/instruction_choice.h"

namespace omega::compute {

/// LifParameters in the type of the potentials.
template <class T>
struct LifConstants {
  T decay;
  T threshold;
  T reset;
  T rest;
  int32_t refractory;
};

/// Loops over the elements of type T, which lie one behind the other.
template <class T>
struct NeuronLoopsOf {
  /// One step of leaky integrate-and-fire; bit i of `fired` is that of element i, all bits of the last word are written.
  void (*lif)(const T* currents, T* potentials, int32_t* waits, int64_t count, const LifConstants<T>& constants, uint64_t* fired);
  void (*tanh)(const T* input, T* output, int64_t count);
  /// output = state + leak * (tanh(input) - state).
  void (*leaky_tanh)(const T* input, const T* state, T leak, T* output, int64_t count);
  /// output = traces * decay + (bit i of spikes ? increment : 0).
  void (*decay)(const T* traces, const uint64_t* spikes, int64_t count, T decay, T increment, T* output);
  /// Weights into a neuron that fired: every one that is not 0 moves by potentiation * pre_trace, less `depression` where bit i of pre_spikes is 1; its size
  /// then stays within bounds.
  void (*potentiate)(const T* pre_trace, const uint64_t* pre_spikes, int64_t count, T potentiation, T depression, T lowest, T highest, T* weights);
};

using NeuronLoops = FloatLoops<NeuronLoopsOf>;

/// Those for the processor.
const NeuronLoops& neuron_loops();

}  // namespace omega::compute
