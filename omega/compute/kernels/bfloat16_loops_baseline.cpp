// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_baseline
#include "omega/compute/kernels/bfloat16_loops.inc"
