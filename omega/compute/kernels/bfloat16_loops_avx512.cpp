// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_avx512
#include "omega/compute/kernels/bfloat16_loops.inc"
