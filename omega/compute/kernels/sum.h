// SPDX-License-Identifier: Apache-2.0
// Sums over one axis.
#pragma once

#include <optional>

#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/spikes.h"
#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// How an axis is folded.
enum class Fold : uint8_t { sum, mean, highest, lowest };

/// Element type of the result, as NumPy has it: sums of boolean and integers are int64, means of them float64, else the type itself.
ElementType fold_type(Fold fold, ElementType type);
/// The shape without `axis`, or with 1 in its place. All axes when there is none. Throws std::invalid_argument when the axis does not exist (negative ones
/// count from the end), or a highest or lowest of nothing is asked for.
Shape fold_shape(const Shape& shape, std::optional<int> axis, bool keep_axis, Fold fold);

/// Folds `axis` (all axes: nothing) of `input`, any strides, into `output`, contiguous, of fold_type() and fold_shape(). NaN and infinity as NumPy. Floats are
/// added pairwise in an order that depends on the shape alone.
void fold_axis(Fold fold, const ArrayView& input, std::optional<int> axis, MutableArrayView output, const Execution& execution = {});
/// The same of packed spikes; int64 sums, float64 means.
void fold_axis(Fold fold, const SpikeArray& input, std::optional<int> axis, MutableArrayView output, const Execution& execution = {});

}  // namespace omega::compute
