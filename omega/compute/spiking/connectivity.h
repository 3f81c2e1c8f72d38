// SPDX-License-Identifier: Apache-2.0
// The weights of a liquid: who is connected, how strongly, and who inhibits.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "omega/compute/arrays/sparse.h"
#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// Who is connected to whom; nobody to itself.
enum class Topology : uint8_t {
  /// Every pair with the probability `connectivity`.
  random,
  /// Neurons on a grid, connected with the probability C exp(-(distance / connection_length)^2); C is 0.3 from excitatory to excitatory neurons, 0.2 from
  /// excitatory to
  /// inhibitory
  /// ones, 0.4 back, 0.1 among inhibitory ones (Maass, Natschlaeger and Markram 2002, after Gupta et al. 2000).
  distance,
  /// A ring in which each neuron hears its connectivity * (N - 1) nearest ones, each connection moved to anyone with the probability `rewiring` (Watts and
  /// Strogatz 1998).
  small_world,
};

/// How weights are drawn.
struct ConnectivityConfig {
  int64_t reservoir_size = 1000;
  Topology topology = Topology::random;
  double connectivity = 0.1;
  double excitatory_ratio = 0.8;     ///< the rest inhibits
  double spectral_radius = 0.95;     ///< of the recurrent weights, signs included
  std::array<int64_t, 3> grid{};     ///< for Topology::distance; zeros: the fullest box that is nearest to a cube
  double connection_length = 2;      ///< for Topology::distance: reach of connections [grid steps]
  double rewiring = 0.1;             ///< for Topology::small_world
  double input_connectivity = 0.3;   ///< share of neurons that an input reaches
  double input_weight_scale = 0.25;  ///< standard deviation of input weights [thresholds]
  uint64_t seed = 0;
  ElementType type = ElementType::float32;

  /// Throws std::invalid_argument that names the field, its value and what it may be.
  void validate() const;
  /// The grid, each extent given.
  [[nodiscard]] std::array<int64_t, 3> actual_grid() const;
};

/// Recurrent weights: row i holds what goes into neuron i.
struct RecurrentWeights {
  SparseMatrix matrix;
  /// By neuron: its outgoing weights are all negative or 0, else all positive or 0.
  std::vector<bool> inhibitory;
  /// Of `matrix`: that of the config, or 0 where the graph has no cycle.
  double spectral_radius = 0;
};

/// Throws std::bad_alloc, whose text names `fields`, for more connections than the memory of the machine holds, before any is drawn.
void check_room(double connections, const char* fields);

/// Draws recurrent weights: magnitudes half-normal, the sign that of the presynaptic neuron, exactly round(excitatory_ratio * N) excitatory neurons at places
/// drawn too, scaled to the spectral radius in float64. A function of the config alone.
RecurrentWeights make_recurrent_weights(const ConnectivityConfig& config, const Execution& execution = {});
/// Draws input weights, inputs x N, normal around 0: the weight from an input to a neuron depends on the seed and on these two, not on how many inputs there
/// are.
SparseMatrix make_input_weights(const ConnectivityConfig& config, int64_t inputs, const Execution& execution = {});

}  // namespace omega::compute
