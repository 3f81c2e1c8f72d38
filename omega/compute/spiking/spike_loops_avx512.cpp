// SPDX-License-Identifier: Apache-2.0
#define OMEGA_SPIKES spike_avx512
#define OMEGA_LANES 8
#include "omega/compute/spiking/spike_loops.inc"
