// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/trace_loops.h"

#include "omega/compute/kernels/instruction_set.h"

namespace omega::compute {

FilterTrace filter_trace() {
  switch (instruction_set()) {
    case InstructionSet::avx512: return trace_avx512::filter;
    case InstructionSet::avx2: return trace_avx2::filter;
    case InstructionSet::baseline: break;
  }
  return trace_baseline::filter;
}

}  // namespace omega::compute
