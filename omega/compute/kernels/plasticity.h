// SPDX-License-Identifier: Apache-2.0
// Exponential traces of spikes, and plasticity that depends on spike times.
#pragma once

#include "omega/compute/kernels/reservoir_step.h"

namespace omega::compute {

/// traces = traces * decay + (spike ? increment : 0), in place; `traces` contiguous floats of the shape of `spikes`.
void decay_traces(const SpikeArray& spikes, double decay, double increment, MutableArrayView traces, const Execution& execution = {});
/// All steps of a T x … raster in one call: `filtered` T x … gets the trace after each step.
void filter_spikes(const SpikeArray& spikes, double decay, double increment, MutableArrayView filtered, const Execution& execution = {});

/// Pair-based STDP with traces (Morrison, Diesmann and Gerstner 2008): on a presynaptic spike weights move by -depression * post-trace, on a postsynaptic
/// one by +potentiation * pre-trace. Bounds are in the unit of the weights. A synapse keeps its sign, which belongs to the presynaptic neuron.
struct StdpParameters {
  double potentiation = 0.01;
  double depression = 0.012;
  double lowest = 0;  ///< bounds of a weight's magnitude
  double highest = 1;
};
/// A synapse that a spike touches moves by both terms and is then bounded once; the lowest bound is at least the smallest normal number, so that a synapse does
/// not vanish. One step of one population: `weights` post x pre (row i holds what goes into neuron i), contiguous floats, updated in place; elements that are 0
/// are no synapses. `pre_spikes`, `post_spikes`: one row each; traces as after this step's decay, before this step's increment.
void stdp_step(const SpikeArray& pre_spikes, const SpikeArray& post_spikes, const ArrayView& pre_trace, const ArrayView& post_trace,
               const StdpParameters& parameters, MutableArrayView weights, const Execution& execution = {});

}  // namespace omega::compute
