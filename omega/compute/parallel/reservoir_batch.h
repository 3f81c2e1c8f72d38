// SPDX-License-Identifier: Apache-2.0
// Steps of many states of one reservoir.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "omega/compute/kernels/reservoir_step.h"

namespace omega::compute {

/// The type of a result of spikes @ input_weights + state @ reservoir_weights.T, as NumPy promotes: float64 when one is float64 or when float32 meets int32 or
/// int64; nothing when there is no floating type among them, for which NumPy's result is an integer.
std::optional<ElementType> current_type(ElementType state, ElementType input, ElementType recurrent, ElementType spikes);

/// For each i: activation(spikes[i] @ input_weights + states[i] @ reservoir_weights.T), in that order. States are (N,) with spikes (I,), or (B, N) with (B, I).
/// States of one type go through the weights together; their results share memory. The weights are read where they lie: nothing of them is kept. Throws
/// std::invalid_argument that names the argument, its index and the shapes, and Stopped.
std::vector<Array> reservoir_currents(std::span<const ArrayView> states, const ArrayView& input_weights, const ArrayView& reservoir_weights,
                                      std::span<const ArrayView> spikes, const Activation& activation = {}, const Execution& execution = {});
/// The same with weights that were prepared; states must be of their type, else they are converted to it.
std::vector<Array> reservoir_currents(std::span<const ArrayView> states, const PreparedReservoir& reservoir, std::span<const ArrayView> spikes,
                                      const Activation& activation = {}, const Execution& execution = {});

/// Throws what reservoir_currents() does for shapes that do not fit.
void check_reservoir_arguments(std::span<const ArrayView> states, const ArrayView& input_weights, const ArrayView& reservoir_weights,
                               std::span<const ArrayView> spikes);

/// Copies elements, converting them; shapes must be equal, `to` contiguous float32 or float64.
void copy_converted(const ArrayView& from, MutableArrayView to);

}  // namespace omega::compute
