// SPDX-License-Identifier: Apache-2.0
// One step of a reservoir on weights as they lie, for who has no time to prepare them.
#pragma once

#include "omega/compute/kernels/reservoir_step.h"

namespace omega::compute {

/// For each b of the batch: outputs row b = activation(spikes row b @ input + states row b @ recurrent.T), as PreparedReservoir::step(), but reads the weights
/// where they lie: one pass over them, nothing kept. `input` is I x N, `recurrent` N x N, both in rows or in columns without gaps inside one (else they are
/// copied); `states` B x N, `spikes` B x I, any types and strides; `outputs` B x N contiguous, float32 or float64, the type in which all is computed.
/// Infinities and NaN as in the formula. Subnormals are 0. A row's bits depend on neither the batch around it, nor the
/// number of threads, nor the instruction set. Throws std::invalid_argument naming the
/// argument and the shapes.
void direct_step(const ArrayView& input, const ArrayView& recurrent, const ArrayView& states, const ArrayView& spikes, const Activation& activation,
                 MutableArrayView outputs, const Execution& execution = {});

}  // namespace omega::compute
