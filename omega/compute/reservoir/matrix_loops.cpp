// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/matrix_loops.h"

#include "omega/compute/kernels/instruction_set.h"

namespace omega::compute {

const MatrixLoops& matrix_loops() {
  switch (instruction_set()) {
    case InstructionSet::avx512: return matrix_avx512::kLoops;
    case InstructionSet::avx2: return matrix_avx2::kLoops;
    case InstructionSet::baseline: break;
  }
  return matrix_baseline::kLoops;
}

}  // namespace omega::compute
