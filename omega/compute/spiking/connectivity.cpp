// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/connectivity.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <new>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "omega/compute/spiking/counter_random.h"
#include "omega/compute/spiking/numbers.h"
#include "omega/compute/spiking/spectral_radius.h"

namespace omega::compute {

namespace {

enum Stream : uint32_t { kSigns = 16, kPairs, kMagnitudes, kInputPairs, kInputWeights, kRewired, kPartners };

void check_share(const char* field, double value) {
  if (!(value >= 0 && value <= 1)) {
    throw std::invalid_argument(std::string(field) + ": " + std::to_string(value) + " is not within 0 to 1");
  }
}

void check_positive(const char* field, double value) {
  if (!(value > 0 && std::isfinite(value))) {
    throw std::invalid_argument(std::string(field) + ": " + std::to_string(value) + " is not a number above 0");
  }
}

/// Rows of columns, ascending, and the numbers beside them.
struct DrawnRows {
  std::vector<std::vector<int32_t>> columns;
  std::vector<std::vector<double>> values;
};

SparseMatrix to_matrix(const DrawnRows& drawn, int64_t column_count, double factor, ElementType type) {
  std::vector<int64_t> first{0};
  for (const auto& row : drawn.columns) {
    first.push_back(first.back() + static_cast<int64_t>(row.size()));
  }
  std::vector<int32_t> columns;
  columns.reserve(static_cast<size_t>(first.back()));
  Array values(type, Shape{first.back()});
  size_t at = 0;
  for (size_t r = 0; r < drawn.columns.size(); ++r) {
    columns.insert(columns.end(), drawn.columns[r].begin(), drawn.columns[r].end());
    for (const double value : drawn.values[r]) {
      if (type == ElementType::float32) {
        values.as<float>()[at++] = static_cast<float>(value * factor);
      } else {
        values.as<double>()[at++] = value * factor;
      }
    }
  }
  return {static_cast<int64_t>(drawn.columns.size()), column_count, std::move(first), std::move(columns), std::move(values)};
}

std::vector<bool> draw_inhibitory(const ConnectivityConfig& config) {
  const RandomStream random(config.seed, kSigns);
  const auto n = static_cast<size_t>(config.reservoir_size);
  std::vector<std::pair<double, size_t>> keys(n);
  for (size_t i = 0; i < n; ++i) {
    keys[i] = {random.uniform(i), i};
  }
  std::ranges::sort(keys);
  std::vector<bool> inhibitory(n, true);
  const auto excitatory = static_cast<size_t>(std::llround(config.excitatory_ratio * static_cast<double>(n)));
  for (size_t i = 0; i < excitatory; ++i) {
    inhibitory[keys[i].second] = false;
  }
  return inhibitory;
}

/// Appends the presynaptic neurons of `post`, ascending. `marks` has a place for each neuron, all false before and after.
using Partners = std::function<void(int64_t post, std::vector<bool>& marks, std::vector<int32_t>& pre)>;

Partners random_partners(const ConnectivityConfig& config) {
  return [random = RandomStream(config.seed, kPairs), probability = config.connectivity, n = config.reservoir_size](int64_t post, std::vector<bool>&,
                                                                                                                    std::vector<int32_t>& pre) {
    // Of the n - 1 others.
    choose_each(random, static_cast<uint64_t>(n - 1), probability, static_cast<uint32_t>(post),
                [&](uint64_t other) { pre.push_back(static_cast<int32_t>(other) + (static_cast<int64_t>(other) >= post ? 1 : 0)); });
  };
}

Partners distance_partners(const ConnectivityConfig& config, const std::vector<bool>& inhibitory) {
  const auto grid = config.actual_grid();
  const double steepness = 1 / (config.connection_length * config.connection_length);
  // Beyond it, the probability is below 1e-12.
  const auto reach = static_cast<int64_t>(std::min(std::ceil(config.connection_length * std::sqrt(12 * std::log(10))), 1e9));
  return [=, random = RandomStream(config.seed, kPairs), &inhibitory, n = config.reservoir_size](int64_t post, std::vector<bool>&, std::vector<int32_t>& pre) {
    constexpr double kStrength[2][2] = {{0.3, 0.2}, {0.4, 0.1}};  // [from an inhibitory one][to an inhibitory one]
    const std::array<int64_t, 3> at{post % grid[0], post / grid[0] % grid[1], post / (grid[0] * grid[1])};
    const auto low = [&](size_t axis) { return std::max<int64_t>(at[axis] - reach, 0); };
    const auto high = [&](size_t axis) { return std::min(at[axis] + reach, grid[axis] - 1); };
    for (int64_t z = low(2); z <= high(2); ++z) {
      for (int64_t y = low(1); y <= high(1); ++y) {
        for (int64_t x = low(0); x <= high(0); ++x) {
          const int64_t j = x + grid[0] * (y + grid[1] * z);
          if (j >= n || j == post) {
            continue;
          }
          const auto squared = static_cast<double>((x - at[0]) * (x - at[0]) + (y - at[1]) * (y - at[1]) + (z - at[2]) * (z - at[2]));
          const double strength = kStrength[inhibitory[static_cast<size_t>(j)] ? 1 : 0][inhibitory[static_cast<size_t>(post)] ? 1 : 0];
          if (random.uniform(static_cast<uint64_t>(j), static_cast<uint32_t>(post)) < strength * std::exp(-squared * steepness)) {
            pre.push_back(static_cast<int32_t>(j));
          }
        }
      }
    }
  };
}

Partners small_world_partners(const ConnectivityConfig& config) {
  const int64_t n = config.reservoir_size;
  const int64_t degree = std::llround(config.connectivity * static_cast<double>(n - 1));
  return [=, rewired = RandomStream(config.seed, kRewired), partners = RandomStream(config.seed, kPartners), rewiring = config.rewiring](
             int64_t post, std::vector<bool>& marks, std::vector<int32_t>& pre) {
    const auto take = [&](int64_t j) {
      marks[static_cast<size_t>(j)] = true;
      pre.push_back(static_cast<int32_t>(j));
    };
    // Neighbours at 1, -1, 2, -2, …; those that stay first, so that one that moves finds a free place.
    std::vector<int64_t> moved;
    for (int64_t k = 0; k < degree; ++k) {
      if (rewired.uniform(static_cast<uint64_t>(k), static_cast<uint32_t>(post)) < rewiring) {
        moved.push_back(k);
      } else {
        take((post + (k % 2 == 0 ? k / 2 + 1 : -(k / 2 + 1)) + n) % n);
      }
    }
    for (const int64_t k : moved) {
      auto at = static_cast<int64_t>(partners.below(static_cast<uint64_t>(n), static_cast<uint64_t>(k), static_cast<uint32_t>(post)));
      while (marks[static_cast<size_t>(at)] || at == post) {
        at = (at + 1) % n;
      }
      take(at);
    }
    for (const int32_t j : pre) {
      marks[static_cast<size_t>(j)] = false;
    }
    std::ranges::sort(pre);
  };
}

/// Those of a distance: no more than in a ball, by the lowest probability beside a neuron.
double expected_connections(const ConnectivityConfig& config) {
  const auto n = static_cast<double>(config.reservoir_size);
  return config.topology == Topology::distance ? 0.1 * n * std::min(n, std::pow(config.connection_length, 3)) : n * n * config.connectivity;
}

/// A connection has a column number and a weight while it is drawn.
constexpr double kBytesOfConnection = sizeof(int32_t) + sizeof(double);

class TooManyConnections : public std::bad_alloc {
 public:
  explicit TooManyConnections(std::string what) : what_(std::move(what)) {}
  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

}  // namespace

void check_room(double connections, const char* fields) {
  const double room = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (connections * kBytesOfConnection > room) {
    const auto in_gigabytes = [](double bytes) { return std::to_string(std::llround(bytes / 1e9)) + " GB"; };
    throw TooManyConnections(std::string(fields) + ": about " + std::to_string(std::llround(connections / 1e6)) + " million connections take " +
                             in_gigabytes(connections * kBytesOfConnection) + ", and the machine has " + in_gigabytes(room));
  }
}

void ConnectivityConfig::validate() const {
  constexpr int64_t kMostNeurons = 1 << 24;
  if (reservoir_size < 1 || reservoir_size > kMostNeurons) {
    throw std::invalid_argument("reservoir_size: " + std::to_string(reservoir_size) + " is not within 1 to " + std::to_string(kMostNeurons));
  }
  check_share("connectivity", connectivity);
  check_share("excitatory_ratio", excitatory_ratio);
  check_share("rewiring", rewiring);
  check_share("input_connectivity", input_connectivity);
  check_positive("connection_length", connection_length);
  if (!(spectral_radius >= 0 && std::isfinite(spectral_radius))) {
    throw std::invalid_argument("spectral_radius: " + std::to_string(spectral_radius) + " is not a number from 0 on");
  }
  if (!(input_weight_scale >= 0 && std::isfinite(input_weight_scale))) {
    throw std::invalid_argument("input_weight_scale: " + std::to_string(input_weight_scale) + " is not a number from 0 on");
  }
  if (type != ElementType::float32 && type != ElementType::float64) {
    throw std::invalid_argument("dtype: " + std::string(name_of(type)) + " is not float32 or float64");
  }
  if (grid != std::array<int64_t, 3>{} && (std::ranges::min(grid) < 1 || grid[0] > kMostNeurons || grid[1] > kMostNeurons || grid[2] > kMostNeurons ||
                                           grid[0] * grid[1] > kMostNeurons || grid[0] * grid[1] * grid[2] != reservoir_size)) {
    throw std::invalid_argument("grid: " + Shape(std::span<const int64_t>(grid)).describe() + " does not hold " + std::to_string(reservoir_size) + " neurons");
  }
}

std::array<int64_t, 3> ConnectivityConfig::actual_grid() const {
  if (grid != std::array<int64_t, 3>{}) {
    return grid;
  }
  const auto side = static_cast<int64_t>(std::ceil(std::cbrt(static_cast<double>(reservoir_size)) - 1e-9));
  const int64_t layers = (reservoir_size + side * side - 1) / (side * side);
  return {side, side, layers};
}

RecurrentWeights make_recurrent_weights(const ConnectivityConfig& config, const Execution& execution) {
  config.validate();
  const int64_t n = config.reservoir_size;
  check_room(expected_connections(config), "reservoir_size, connectivity");
  RecurrentWeights weights;
  weights.inhibitory = draw_inhibitory(config);
  const Partners partners = config.topology == Topology::random     ? random_partners(config)
                            : config.topology == Topology::distance ? distance_partners(config, weights.inhibitory)
                                                                    : small_world_partners(config);
  DrawnRows drawn{std::vector<std::vector<int32_t>>(static_cast<size_t>(n)), std::vector<std::vector<double>>(static_cast<size_t>(n))};
  const RandomStream magnitudes(config.seed, kMagnitudes);
  run_pieces(execution, n, [&](int64_t begin, int64_t end) {
    std::vector<bool> marks(static_cast<size_t>(n));
    for (int64_t post = begin; post < end; ++post) {
      auto& columns = drawn.columns[static_cast<size_t>(post)];
      auto& values = drawn.values[static_cast<size_t>(post)];
      partners(post, marks, columns);
      for (const int32_t pre : columns) {
        const double magnitude = std::abs(magnitudes.normal(static_cast<uint64_t>(pre), static_cast<uint32_t>(post)));
        values.push_back(weights.inhibitory[static_cast<size_t>(pre)] ? -magnitude : magnitude);
      }
    }
  });
  const double drawn_radius = spectral_radius(to_matrix(drawn, n, 1, ElementType::float64), execution);
  weights.spectral_radius = drawn_radius > 0 ? config.spectral_radius : 0;
  weights.matrix = to_matrix(drawn, n, drawn_radius > 0 ? config.spectral_radius / drawn_radius : 1, config.type);
  return weights;
}

SparseMatrix make_input_weights(const ConnectivityConfig& config, int64_t inputs, const Execution& execution) {
  config.validate();
  if (inputs < 0) {
    throw std::invalid_argument("input_size: " + std::to_string(inputs) + " is negative");
  }
  check_room(static_cast<double>(inputs) * static_cast<double>(config.reservoir_size) * config.input_connectivity, "input_size, reservoir_size");
  const RandomStream pairs(config.seed, kInputPairs);
  const RandomStream sizes(config.seed, kInputWeights);
  DrawnRows drawn{std::vector<std::vector<int32_t>>(static_cast<size_t>(inputs)), std::vector<std::vector<double>>(static_cast<size_t>(inputs))};
  run_pieces(execution, inputs, [&](int64_t begin, int64_t end) {
    for (int64_t input = begin; input < end; ++input) {
      choose_each(pairs, static_cast<uint64_t>(config.reservoir_size), config.input_connectivity, static_cast<uint32_t>(input), [&](uint64_t j) {
        drawn.columns[static_cast<size_t>(input)].push_back(static_cast<int32_t>(j));
        drawn.values[static_cast<size_t>(input)].push_back(config.input_weight_scale * sizes.normal(j, static_cast<uint32_t>(input)));
      });
    }
  });
  return to_matrix(drawn, config.reservoir_size, 1, config.type);
}

}  // namespace omega::compute
