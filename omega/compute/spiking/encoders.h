// SPDX-License-Identifier: Apache-2.0
// Numbers as spikes: by rate, by latency, by change. Time is the first axis of what they give; the spikes are born packed.
#pragma once

#include <cstdint>

#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/spikes.h"
#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// Poisson-like spikes: element e of `values`, a probability per step, spikes in each of `steps` steps independently with that probability. The result has the
/// shape (steps, …values). Each spike is a function of the seed, the step and the element. `values`: any type and strides; throws std::invalid_argument, naming
/// the value, for one outside 0 to 1 or NaN, and for negative steps.
SpikeArray rate_encode(const ArrayView& values, int64_t steps, uint64_t seed, const Execution& execution = {});
/// The same for probabilities that change: `values` (T, …) gives a result of its own shape.
SpikeArray rate_encode_in_time(const ArrayView& values, uint64_t seed, const Execution& execution = {});

/// How a strength becomes a time.
enum class LatencyLaw : uint8_t {
  linear,       ///< (1 - value) * (steps - 1)
  logarithmic,  ///< tau * ln(value / (value - threshold)): when a leaky integrator driven by the value reaches the threshold (Thorpe, Delorme and Van Rullen
                ///< 2001)
};
struct LatencyEncoding {
  LatencyLaw law = LatencyLaw::linear;
  double tau = 5;           ///< time constant of the logarithmic law [steps]
  double threshold = 0.01;  ///< values at or below it never spike
};
/// One spike per element at most: the stronger, the earlier; times are rounded to whole steps, and the logarithmic law's beyond the end fall on the last step.
/// The result has the shape (steps, …values). Throws std::invalid_argument for values outside 0 to 1 or NaN, and for parameters that make no law.
SpikeArray latency_encode(const ArrayView& values, int64_t steps, const LatencyEncoding& encoding, const Execution& execution = {});

/// A spike where the signal rose by at least `threshold` since the step before (Lichtsteiner, Posch and Delbruck 2008, without their memory of the last event);
/// the first step is compared with itself and has none. `values` is (T, …). With `falling`, the last axis is twice as long: rises first, then falls by at least
/// the threshold. A signal of rank 1 becomes (T,), or (T, 2). NaN is no change. Throws std::invalid_argument unless rank is at least 1 and threshold above 0.
SpikeArray delta_encode(const ArrayView& values, double threshold, bool falling, const Execution& execution = {});

}  // namespace omega::compute
