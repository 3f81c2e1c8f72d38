// SPDX-License-Identifier: Apache-2.0
// A number for each spike and one for each place without.
#pragma once

#include <span>

#include "omega/compute/arrays/array.h"
#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// Writes to outputs[i], of the shape of the boolean array batches[i], the second element of `values` where that is true and the first one where it is false.
/// Everything contiguous; `values` holds two elements of the type of the outputs. Throws std::invalid_argument, naming the argument; Stopped.
void put_values(std::span<const ArrayView> batches, const ArrayView& values, std::span<const MutableArrayView> outputs, const Execution& execution = {});

}  // namespace omega::compute
