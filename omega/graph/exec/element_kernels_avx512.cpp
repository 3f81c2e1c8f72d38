// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_avx512
#define OMEGA_ISA_NAME "avx512"
#include "omega/graph/exec/element_kernels.inc"
