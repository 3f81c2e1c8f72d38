// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/tasks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "omega/compute/reservoir/ridge.h"
#include "omega/compute/spiking/counter_random.h"
#include "omega/compute/spiking/numbers.h"

namespace omega::compute {

namespace {

enum Stream : uint32_t { kNarma = 48, kMackeyGlass, kMemory, kTemplates, kJitter };

void check_steps(int64_t steps) {
  if (steps < 0) {
    throw std::invalid_argument("steps: " + std::to_string(steps) + " is negative");
  }
}

Array zeros(const Shape& shape) {
  Array array(ElementType::float64, shape);
  std::fill_n(array.as<double>(), shape.count(), 0.0);
  return array;
}

/// Squared correlation of two columns.
double squared_correlation(const double* x, const double* y, int64_t count, int64_t stride) {
  double mean_x = 0;
  double mean_y = 0;
  for (int64_t i = 0; i < count; ++i) {
    mean_x += x[i * stride] / static_cast<double>(count);
    mean_y += y[i * stride] / static_cast<double>(count);
  }
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double a = x[i * stride] - mean_x;
    const double b = y[i * stride] - mean_y;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  return xx > 0 && yy > 0 ? xy * xy / (xx * yy) : 0;
}

}  // namespace

Series narma10(int64_t steps, uint64_t seed) {
  check_steps(steps);
  constexpr int64_t kOrder = 10;
  constexpr uint32_t kAttempts = 1000;
  Series series{Array(ElementType::float64, Shape{steps, 1}), Array(ElementType::float64, Shape{steps, 1})};
  const RandomStream random(seed, kNarma);
  double* const u = series.inputs.as<double>();
  double* const y = series.targets.as<double>();  // y[t] is the document's y(t + 1)
  for (uint32_t attempt = 0; attempt < kAttempts; ++attempt) {
    double highest = 0;
    for (int64_t t = 0; t < steps; ++t) {
      u[t] = 0.5 * random.uniform(static_cast<uint64_t>(t), attempt);
      const double last = t > 0 ? y[t - 1] : 0;
      double sum = 0;
      for (int64_t k = 1; k <= kOrder; ++k) {
        sum += t >= k ? y[t - k] : 0;
      }
      const double product = t >= kOrder - 1 ? u[t - (kOrder - 1)] * u[t] : 0;
      y[t] = 0.3 * last + 0.05 * last * sum + 1.5 * product + 0.1;
      highest = std::max(highest, y[t]);
    }
    if (highest <= 1) {
      return series;
    }
  }
  throw std::invalid_argument("steps: no series of " + std::to_string(steps) + " steps that stays bounded was drawn");
}

Array mackey_glass(int64_t steps, double tau, uint64_t seed) {
  check_steps(steps);
  constexpr int64_t kPerUnit = 10;
  constexpr double kStep = 1.0 / kPerUnit;
  constexpr int64_t kDiscarded = 1000 * kPerUnit;
  const double places = tau * kPerUnit;
  if (!(tau > 0) || tau > 1e6 || std::abs(places - std::round(places)) > 1e-9) {
    throw std::invalid_argument("tau: " + std::to_string(tau) + " is not a multiple of 0.1 above 0");
  }
  const auto delay = static_cast<int64_t>(std::llround(places));
  const RandomStream random(seed, kMackeyGlass);
  const int64_t total = kDiscarded + steps * kPerUnit;
  std::vector<double> x(static_cast<size_t>(delay + total + 1));
  for (int64_t i = 0; i <= delay; ++i) {
    x[static_cast<size_t>(i)] = 1.2 + 0.1 * (random.uniform(static_cast<uint64_t>(i)) - 0.5);
  }
  const auto slope = [](double now, double delayed) { return 0.2 * delayed / (1 + std::pow(delayed, 10)) - 0.1 * now; };
  for (int64_t i = delay; i < delay + total; ++i) {
    const double now = x[static_cast<size_t>(i)];
    const double at_start = x[static_cast<size_t>(i - delay)];
    const double at_end = x[static_cast<size_t>(i - delay + 1)];
    const double between = 0.5 * (at_start + at_end);
    const double k1 = slope(now, at_start);
    const double k2 = slope(now + 0.5 * kStep * k1, between);
    const double k3 = slope(now + 0.5 * kStep * k2, between);
    const double k4 = slope(now + kStep * k3, at_end);
    x[static_cast<size_t>(i + 1)] = now + kStep / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  Array series(ElementType::float64, Shape{steps});
  for (int64_t t = 0; t < steps; ++t) {
    series.as<double>()[t] = x[static_cast<size_t>(delay + kDiscarded + t * kPerUnit)];
  }
  return series;
}

double memory_capacity(const EchoStateNetwork& network, int64_t delays, int64_t steps, uint64_t seed, const Execution& execution) {
  if (network.config().inputs != 1) {
    throw std::invalid_argument("network: it has " + std::to_string(network.config().inputs) + " inputs where one is expected");
  }
  if (delays < 1 || steps < 4) {
    throw std::invalid_argument("delays, steps: " + std::to_string(delays) + " delays over " + std::to_string(steps) + " steps");
  }
  const int64_t warmup = std::max<int64_t>(200, delays);
  const int64_t n = network.config().reservoir_size;
  const RandomStream random(seed, kMemory);
  Array inputs(ElementType::float64, Shape{warmup + steps, 1, 1});
  for (int64_t t = 0; t < warmup + steps; ++t) {
    inputs.as<double>()[t] = 2 * random.uniform(static_cast<uint64_t>(t)) - 1;
  }
  const Array states = network.run(zeros(Shape{1, n}).view(), inputs.view(), execution);
  Array targets(ElementType::float64, Shape{steps, delays});
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t k = 1; k <= delays; ++k) {
      targets.as<double>()[t * delays + k - 1] = inputs.as<double>()[warmup + t - k];
    }
  }
  const int64_t half = steps / 2;
  const auto states_from = [&](int64_t from, int64_t count) { return view_of(states.as<double>() + (warmup + from) * n, Shape{count, n}); };
  RidgeSystem system(n, delays);
  system.add(states_from(0, half), view_of(targets.as<double>(), Shape{half, delays}), execution);
  const Array said = predict(system.solve(1e-9, execution), states_from(half, steps - half), execution);
  double capacity = 0;
  for (int64_t k = 0; k < delays; ++k) {
    capacity += squared_correlation(said.as<double>() + k, targets.as<double>() + half * delays + k, steps - half, delays);
  }
  return capacity;
}

SpikePatterns jittered_spike_patterns(const SpikePatternConfig& config) {
  const auto reject = [](const char* field, double value) {
    throw std::invalid_argument(std::string(field) + ": " + std::to_string(value) + " is out of range");
  };
  if (config.classes < 1) {
    reject("classes", static_cast<double>(config.classes));
  }
  if (config.samples < 0 || config.channels < 0 || config.steps < 0) {
    reject("samples, channels, steps", static_cast<double>(std::min({config.samples, config.channels, config.steps})));
  }
  if (!(config.dt > 0)) {
    reject("dt", config.dt);
  }
  if (!(config.rate >= 0 && config.rate * config.dt <= 1)) {
    reject("rate", config.rate);
  }
  if (!(config.jitter >= 0 && std::isfinite(config.jitter))) {
    reject("jitter", config.jitter);
  }
  SpikePatterns patterns{SpikeArray(Shape{config.steps, config.samples, config.channels}), Array(ElementType::int64, Shape{config.samples})};
  const RandomStream templates(config.seed, kTemplates);
  const RandomStream jitters(config.seed, kJitter);
  for (int64_t s = 0; s < config.samples; ++s) {
    const int64_t label = s % config.classes;
    patterns.labels.as<int64_t>()[s] = label;
    for (int64_t t = 0; t < config.steps; ++t) {
      for (int64_t c = 0; c < config.channels; ++c) {
        const auto position = static_cast<uint64_t>(t * config.channels + c);
        if (templates.uniform(position, static_cast<uint32_t>(label)) >= config.rate * config.dt) {
          continue;
        }
        const int64_t moved = t + std::llround(config.jitter / config.dt * jitters.normal(position, static_cast<uint32_t>(s)));
        if (moved >= 0 && moved < config.steps) {
          patterns.spikes.mutable_row(moved * config.samples + s)[c / 64] |= uint64_t{1} << (c % 64);
        }
      }
    }
  }
  return patterns;
}

double normalized_error(const ArrayView& predicted, const ArrayView& wanted) {
  if (!(predicted.shape == wanted.shape)) {
    throw std::invalid_argument("predicted: shape " + predicted.shape.describe() + " where that of wanted, " + wanted.shape.describe() + ", is expected");
  }
  const std::vector<double> p = numbers_of(predicted);
  const std::vector<double> w = numbers_of(wanted);
  double mean = 0;
  for (const double value : w) {
    mean += value / static_cast<double>(w.size());
  }
  double error = 0;
  double variance = 0;
  for (size_t i = 0; i < w.size(); ++i) {
    error += (p[i] - w[i]) * (p[i] - w[i]);
    variance += (w[i] - mean) * (w[i] - mean);
  }
  return std::sqrt(error / variance);
}

}  // namespace omega::compute
