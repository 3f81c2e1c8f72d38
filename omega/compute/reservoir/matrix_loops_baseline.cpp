// SPDX-License-Identifier: Apache-2.0
#define OMEGA_MATRIX matrix_baseline
#define OMEGA_LANES 2
#define OMEGA_TILE_ROWS 4
#include "omega/compute/reservoir/matrix_loops.inc"
