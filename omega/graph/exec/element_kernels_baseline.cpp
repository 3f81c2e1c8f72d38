// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_baseline
#define OMEGA_ISA_NAME "baseline"
#include "omega/graph/exec/element_kernels.inc"
