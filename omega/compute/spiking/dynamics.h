// SPDX-License-Identifier: Apache-2.0
// What a liquid does with its inputs: how far apart it keeps them, how many it keeps apart, how much it fires.
#pragma once

#include <cstdint>

#include "omega/compute/spiking/liquid_state_machine.h"

namespace omega::compute {

/// A liquid's response to B inputs from rest. Distances are root mean squares over pairs of inputs of Euclidean distances, per square root of the elements,
/// after the last step.
struct LiquidDynamics {
  double input_distance = 0;  ///< of the filtered inputs
  double state_distance = 0;  ///< of the traces that readouts see (separation property: Maass, Natschlaeger and Markram 2002)
  double separation = 0;      ///< state_distance / input_distance; 0 when the inputs are equal
  int64_t kernel_rank =
      0;  ///< of the B x N matrix of traces after the last step (Legenstein and Maass 2007): at most min(B, N); how many inputs a readout can tell apart
  Array firing_rates;         ///< N float64: spikes of each neuron per second [Hz]
  double mean_rate = 0;       ///< [Hz]
  double rate_deviation = 0;  ///< standard deviation over neurons [Hz]
  double silent = 0;          ///< share of neurons that never fired
};

/// Runs `inputs`, T x B x inputs of the liquid, from rest in steps of `dt` seconds. Throws std::invalid_argument as LiquidStateMachine::advance(), and for T or
/// B of 0.
LiquidDynamics analyze_dynamics(const LiquidStateMachine& liquid, const SpikeArray& inputs, double dt, const Execution& execution = {});

/// Number of singular values of a matrix above the largest one * max(rows, columns) * 2^-52 (as NumPy's matrix_rank). `matrix` has rank 2.
int64_t numerical_rank(const ArrayView& matrix);

}  // namespace omega::compute
