// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/echo_state.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "omega/compute/spiking/connectivity.h"
#include "omega/compute/spiking/counter_random.h"
#include "omega/compute/spiking/numbers.h"
#include "omega/compute/spiking/spectral_radius.h"

namespace omega::compute {

namespace {

enum Stream : uint32_t { kPairs = 32, kWeights, kInputs };

SparseMatrix draw_recurrent(const EchoStateConfig& config, const Execution& execution) {
  const int64_t n = config.reservoir_size;
  check_room(static_cast<double>(n) * static_cast<double>(n) * config.connectivity, "reservoir_size, connectivity");
  const RandomStream pairs(config.seed, kPairs);
  const RandomStream weights(config.seed, kWeights);
  std::vector<int64_t> first{0};
  std::vector<int32_t> columns;
  std::vector<double> drawn;
  for (int64_t i = 0; i < n; ++i) {
    choose_each(pairs, static_cast<uint64_t>(n), config.connectivity, static_cast<uint32_t>(i), [&](uint64_t j) {
      columns.push_back(static_cast<int32_t>(j));
      drawn.push_back(weights.normal(j, static_cast<uint32_t>(i)));
    });
    first.push_back(static_cast<int64_t>(columns.size()));
  }
  Array values(ElementType::float64, Shape{static_cast<int64_t>(drawn.size())});
  std::ranges::copy(drawn, values.as<double>());
  const SparseMatrix unscaled(n, n, first, columns, values);
  const double radius = spectral_radius(unscaled, execution);
  Array scaled(ElementType::float64, values.shape());
  std::ranges::transform(drawn, scaled.as<double>(), [&](double w) { return radius > 0 ? w * (config.spectral_radius / radius) : w; });
  return {n, n, std::move(first), std::move(columns), std::move(scaled)};
}

Array draw_input(const EchoStateConfig& config) {
  Array input(ElementType::float64, Shape{config.inputs + 1, config.reservoir_size});
  const RandomStream random(config.seed, kInputs);
  for (int64_t i = 0; i <= config.inputs; ++i) {
    for (int64_t j = 0; j < config.reservoir_size; ++j) {
      // The bias has a lane of its own, so that weights of inputs do not depend on how many there are.
      const double u = 2 * random.uniform(static_cast<uint64_t>(j), i == config.inputs ? UINT32_MAX : static_cast<uint32_t>(i)) - 1;
      input.as<double>()[i * config.reservoir_size + j] = u * (i == config.inputs ? config.bias_scale : config.input_scale);
    }
  }
  return input;
}

}  // namespace

void EchoStateConfig::validate() const {
  const auto reject = [](const char* field, double value, const char* expected) {
    throw std::invalid_argument(std::string(field) + ": " + std::to_string(value) + " is not " + expected);
  };
  if (reservoir_size < 1 || reservoir_size > (1 << 24)) {
    reject("reservoir_size", static_cast<double>(reservoir_size), "within 1 to 16777216");
  }
  if (inputs < 0 || inputs >= UINT32_MAX) {
    reject("input_size", static_cast<double>(inputs), "a number of inputs");
  }
  if (!(connectivity >= 0 && connectivity <= 1)) {
    reject("connectivity", connectivity, "within 0 to 1");
  }
  if (!(spectral_radius >= 0 && std::isfinite(spectral_radius))) {
    reject("spectral_radius", spectral_radius, "a number from 0 on");
  }
  if (!std::isfinite(input_scale) || !std::isfinite(bias_scale)) {
    reject(std::isfinite(input_scale) ? "bias_scale" : "input_scale", std::isfinite(input_scale) ? bias_scale : input_scale, "finite");
  }
  if (!(leak > 0 && leak <= 1)) {
    reject("leak", leak, "above 0 and at most 1");
  }
}

EchoStateNetwork::EchoStateNetwork(const EchoStateConfig& config, const Execution& execution)
    : config_((config.validate(), config)), recurrent_(draw_recurrent(config, execution)), input_(draw_input(config)), prepared_(input_.view(), recurrent_) {}

Array EchoStateNetwork::run(const ArrayView& states, const ArrayView& inputs, const Execution& execution) const {
  if (inputs.rank() != 3 || inputs.shape[2] != config_.inputs) {
    throw std::invalid_argument("inputs: shape " + inputs.shape.describe() + " where (T, batch, " + std::to_string(config_.inputs) + ") is expected");
  }
  // The bias is an input that is always 1.
  const Rows<const std::byte> reader(inputs);
  const int64_t width = config_.inputs + 1;
  Array with_bias(ElementType::float64, Shape{inputs.shape[0], inputs.shape[1], width});
  for (int64_t r = 0; r < reader.count(); ++r) {
    read_row(reader, inputs.type, r, with_bias.as<double>() + r * width);
    with_bias.as<double>()[r * width + config_.inputs] = 1;
  }
  Array trajectory(ElementType::float64, Shape{inputs.shape[0], inputs.shape[1], config_.reservoir_size});
  const Activation activation{config_.leak == 1 ? Activation::Kind::tanh : Activation::Kind::leaky_tanh, config_.leak};
  prepared_.run(states, with_bias.view(), activation, trajectory.mutable_view(), execution);
  return trajectory;
}

}  // namespace omega::compute
