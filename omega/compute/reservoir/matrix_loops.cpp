// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/matrix_loops.h"

#include "omega/compute/kernels/instruction_choice.h"

namespace omega::compute {

const MatrixLoops& matrix_loops() { return loops_of(&matrix_baseline::kLoops, &matrix_avx2::kLoops, &matrix_avx512::kLoops); }

}  // namespace omega::compute
