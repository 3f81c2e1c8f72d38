// SPDX-License-Identifier: Apache-2.0
#define OMEGA_SPIKES spike_avx2
#define OMEGA_LANES 4
#include "omega/compute/spiking/spike_loops.inc"
