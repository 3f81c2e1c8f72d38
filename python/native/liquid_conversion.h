// SPDX-License-Identifier: Apache-2.0
// Spikes, states and configurations of liquids between Python and C++.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string_view>

#include "omega/compute/arrays/spikes.h"
#include "omega/compute/spiking/liquid_state_machine.h"

namespace omega::python {

/// Packed spikes of whatever is an array, or of a spike array as it is. With the GIL.
compute::SpikeArray spikes_of(pybind11::handle object, std::string_view argument);
/// NumPy's booleans.
pybind11::array to_booleans(const compute::SpikeArray& spikes);
/// A contiguous copy in an element type. Raises TypeError naming `argument` where the array's type differs.
compute::Array copy_of(const pybind11::array& array, compute::ElementType type, std::string_view argument);
/// Fields of omega.core.liquid_state_machine.LSMConfig, by name.
compute::LiquidConfig liquid_config(const pybind11::dict& fields);

}  // namespace omega::python
