// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/spike_loops.h"

#include "omega/compute/kernels/instruction_choice.h"

namespace omega::compute {

const SpikeLoops& spike_loops() { return loops_of(&spike_baseline::kLoops, &spike_avx2::kLoops, &spike_avx512::kLoops); }

}  // namespace omega::compute
