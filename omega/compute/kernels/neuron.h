// SPDX-License-Identifier: Apache-2.0
// Neurons given their currents: one pass over the state.
#pragma once

#include "omega/compute/kernels/reservoir_step.h"

namespace omega::compute {

/// One step of leaky integrate-and-fire for all elements: potential = rest + decay * (potential - rest) + current where it is not refractory; a spike and reset
/// at the threshold. `currents` and `potentials` contiguous of one floating type and shape (… x N), `waits` int32 of that shape, `fired` of that shape.
void lif_step(const ArrayView& currents, const LifParameters& parameters, MutableArrayView potentials, MutableArrayView waits, SpikeArray& fired,
              const Execution& execution = {});

/// values = tanh(values), in place where `output` is `input`; contiguous floats.
void tanh_of(const ArrayView& input, MutableArrayView output, const Execution& execution = {});

}  // namespace omega::compute
