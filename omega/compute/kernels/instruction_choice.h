// SPDX-License-Identifier: Apache-2.0
// The table of loops that fits the processor, of those compiled.
#pragma once

#include "omega/compute/kernels/instruction_set.h"

namespace omega::compute {

template <class Loops>
const Loops& loops_of(const Loops& baseline, const Loops& avx2, const Loops& avx512) {
  switch (instruction_set()) {
    case InstructionSet::avx512: return avx512;
    case InstructionSet::avx2: return avx2;
    case InstructionSet::baseline: break;
  }
  return baseline;
}

}  // namespace omega::compute
