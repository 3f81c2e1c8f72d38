// SPDX-License-Identifier: Apache-2.0
#define OMEGA_TRACE trace_avx512
#define OMEGA_LANES 8
#include "omega/compute/spiking/trace_loops.inc"
