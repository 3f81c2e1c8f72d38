// SPDX-License-Identifier: Apache-2.0
// Echo state network: a fixed recurrent network of leaky tanh neurons (Jaeger 2001; Jaeger et al. 2007 for the leak).
#pragma once

#include <cstdint>

#include "omega/compute/arrays/array.h"
#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/reservoir_step.h"

namespace omega::compute {

/// How an echo state network is drawn and runs: x(t) = (1 - leak) x(t - 1) + leak * tanh(input_scale W_in (u(t), bias) + W x(t - 1)).
struct EchoStateConfig {
  int64_t reservoir_size = 500;
  int64_t inputs = 1;
  double connectivity = 0.1;
  double spectral_radius = 0.9;  ///< of W, whose elements are normal before scaling
  double input_scale = 1;        ///< input weights are uniform in -input_scale to input_scale
  double bias_scale = 0;         ///< so are biases
  double leak = 1;               ///< 0 < leak <= 1
  uint64_t seed = 0;

  /// Throws std::invalid_argument that names the field, its value and what it may be.
  void validate() const;
};

/// An echo state network with its weights, in float64. An immutable value; copies share; any thread.
class EchoStateNetwork {
 public:
  explicit EchoStateNetwork(const EchoStateConfig& config, const Execution& execution = {});

  [[nodiscard]] const EchoStateConfig& config() const { return config_; }
  [[nodiscard]] const SparseMatrix& recurrent() const { return recurrent_; }
  /// (inputs + 1) x N, the biases in the last row.
  [[nodiscard]] const Array& input_weights() const { return input_; }

  /// Runs T steps from `states`, B x N float64, with `inputs`, T x B x inputs of any type: gives the states after each step, T x B x N. Throws
  /// std::invalid_argument naming both shapes where they do not fit.
  [[nodiscard]] Array run(const ArrayView& states, const ArrayView& inputs, const Execution& execution = {}) const;

 private:
  EchoStateConfig config_;
  SparseMatrix recurrent_;
  Array input_;
  PreparedReservoir prepared_;
};

}  // namespace omega::compute
