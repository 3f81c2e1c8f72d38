// SPDX-License-Identifier: Apache-2.0
#define OMEGA_SPIKES spike_baseline
#define OMEGA_LANES 2
#include "omega/compute/spiking/spike_loops.inc"
