// SPDX-License-Identifier: Apache-2.0
#define OMEGA_TRACE trace_baseline
#define OMEGA_LANES 2
#include "omega/compute/spiking/trace_loops.inc"
