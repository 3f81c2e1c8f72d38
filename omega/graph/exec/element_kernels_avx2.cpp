// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_avx2
#define OMEGA_ISA_NAME "avx2"
#include "omega/graph/exec/element_kernels.inc"
