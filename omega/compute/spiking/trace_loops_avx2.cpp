// SPDX-License-Identifier: Apache-2.0
#define OMEGA_TRACE trace_avx2
#define OMEGA_LANES 4
#include "omega/compute/spiking/trace_loops.inc"
