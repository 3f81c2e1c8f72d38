// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_avx2
#include "omega/compute/kernels/bfloat16_loops.inc"
