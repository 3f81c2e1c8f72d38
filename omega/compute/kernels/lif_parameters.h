// SPDX-License-Identifier: Apache-2.0
// LifParameters, checked and in the type of the potentials.
#pragma once

#include <stdexcept>
#include <string>

#include "omega/compute/kernels/neuron_loops.h"
#include "omega/compute/kernels/reservoir_step.h"

namespace omega::compute {

/// Throws std::invalid_argument that names the parameter.
inline void check_lif(const LifParameters& parameters) {
  if (!(parameters.decay >= 0 && parameters.decay <= 1)) {
    throw std::invalid_argument("decay: " + std::to_string(parameters.decay) + "; it must be from 0 to 1 (exp(-dt / tau))");
  }
  if (parameters.refractory < 0) {
    throw std::invalid_argument("refractory: " + std::to_string(parameters.refractory) + " steps; it must not be negative");
  }
}

template <class T>
LifConstants<T> lif_constants(const LifParameters& parameters) {
  return {static_cast<T>(parameters.decay), static_cast<T>(parameters.threshold), static_cast<T>(parameters.reset), static_cast<T>(parameters.rest),
          parameters.refractory};
}

}  // namespace omega::compute
