// SPDX-License-Identifier: Apache-2.0
#define OMEGA_MATRIX matrix_avx512
#define OMEGA_LANES 8
#define OMEGA_TILE_ROWS 8
#include "omega/compute/reservoir/matrix_loops.inc"
