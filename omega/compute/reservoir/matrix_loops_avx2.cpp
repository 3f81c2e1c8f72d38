// SPDX-License-Identifier: Apache-2.0
#define OMEGA_MATRIX matrix_avx2
#define OMEGA_LANES 4
#define OMEGA_TILE_ROWS 4
#include "omega/compute/reservoir/matrix_loops.inc"
