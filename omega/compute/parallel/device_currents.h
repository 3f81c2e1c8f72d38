// SPDX-License-Identifier: Apache-2.0
// Steps of many states of one reservoir, on OpenCL devices.
#pragma once

#include <span>
#include <vector>

#include "omega/compute/kernels/reservoir_step.h"
#include "omega/compute/parallel/device_pool.h"

namespace omega::compute {

/// As reservoir_currents(), on devices: states are shared out among them. Rounded as the device rounds, so the last bits may differ from those of the engine's
/// loops.
std::vector<Array> device_currents(DevicePool& pool, std::span<const ArrayView> states, const ArrayView& input_weights, const ArrayView& reservoir_weights,
                                   std::span<const ArrayView> spikes, const Activation& activation = {}, const task::Cancellation* cancellation = nullptr);

}  // namespace omega::compute
