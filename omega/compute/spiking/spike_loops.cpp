// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/spike_loops.h"

#include "omega/compute/kernels/instruction_set.h"

namespace omega::compute {

const SpikeLoops& spike_loops() {
  switch (instruction_set()) {
    case InstructionSet::avx512: return spike_avx512::kLoops;
    case InstructionSet::avx2: return spike_avx2::kLoops;
    case InstructionSet::baseline: break;
  }
  return spike_baseline::kLoops;
}

}  // namespace omega::compute
