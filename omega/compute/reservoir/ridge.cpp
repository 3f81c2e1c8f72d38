// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/ridge.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>

#include "omega/compute/reservoir/cholesky.h"
#include "omega/compute/reservoir/matrix_loops.h"
#include "omega/compute/spiking/numbers.h"
#include "omega/compute/spiking/spike_loops.h"

namespace omega::compute {

namespace {

/// The extents before the last one.
Shape leading_of(const Shape& shape) { return Shape(shape.extents().first(shape.rank() == 0 ? 0 : shape.rank() - 1)); }

std::vector<double> finite_numbers(const ArrayView& view, const char* name) {
  std::vector<double> numbers = numbers_of(view);
  for (const double x : numbers) {
    if (!std::isfinite(x)) {
      throw std::invalid_argument(std::string(name) + ": an element is " + std::to_string(x));
    }
  }
  return numbers;
}

template <class Body>
void for_spikes(const uint64_t* row, int64_t words, Body&& body) {
  for (int64_t w = 0; w < words; ++w) {
    for (uint64_t bits = row[w]; bits != 0; bits &= bits - 1) {
      body(w * 64 + std::countr_zero(bits));
    }
  }
}

/// The spikes of steps [from, to) by neuron: those of neuron i are steps[first[i]] … steps[first[i + 1] - 1], counted from `from`, ascending.
struct SpikesByNeuron {
  int64_t from;
  int64_t to;
  std::vector<int32_t> first;
  std::vector<int32_t> steps;

  [[nodiscard]] std::span<const int32_t> of(int64_t neuron) const {
    const auto i = static_cast<size_t>(neuron);
    return std::span(steps).subspan(static_cast<size_t>(first[i]), static_cast<size_t>(first[i + 1] - first[i]));
  }
};

/// Fills the lists for copy b of T x B x F.
void sort_by_neuron(const SpikeArray& spikes, int64_t b, SpikesByNeuron& block) {
  const int64_t batch = spikes.shape()[1];
  const int64_t words = spikes.words_per_row();
  block.first.assign(static_cast<size_t>(spikes.columns()) + 1, 0);
  for (int64_t t = block.from; t < block.to; ++t) {
    for_spikes(spikes.row(t * batch + b), words, [&](int64_t i) { ++block.first[static_cast<size_t>(i) + 1]; });
  }
  for (size_t i = 1; i < block.first.size(); ++i) {
    block.first[i] += block.first[i - 1];
  }
  block.steps.resize(static_cast<size_t>(block.first.back()));
  std::vector<int32_t> next(block.first.begin(), block.first.end() - 1);
  for (int64_t t = block.from; t < block.to; ++t) {
    for_spikes(spikes.row(t * batch + b), words,
               [&](int64_t i) { block.steps[static_cast<size_t>(next[static_cast<size_t>(i)]++)] = static_cast<int32_t>(t - block.from); });
  }
}

/// Steps that are taken together: their filtered spikes, a strip of them, stay in the second cache beside a strip of the Gram matrix.
constexpr int64_t kSteps = 512;

}  // namespace

RidgeSystem::RidgeSystem(int64_t features, int64_t outputs)
    : features_(features),
      outputs_(outputs),
      strips_((features + kStrip - 1) / kStrip),
      gram_(static_cast<size_t>(strips_ * kStrip * (strips_ * kStrip))),
      cross_(static_cast<size_t>(features * (outputs + 1))),
      totals_(static_cast<size_t>(outputs + 1)) {}

ArrayView RidgeSystem::check_targets(const ArrayView& targets, const Shape& leading) const {
  if (targets.rank() == 0 || !(leading_of(targets.shape) == leading) || targets.shape[targets.rank() - 1] != outputs_) {
    std::vector<int64_t> expected(leading.extents().begin(), leading.extents().end());
    expected.push_back(outputs_);
    throw std::invalid_argument("targets: shape " + targets.shape.describe() + " where " + Shape(expected).describe() + " is expected");
  }
  return targets;
}

void RidgeSystem::add(const ArrayView& features, const ArrayView& targets, const Execution& execution) {
  if (features.rank() == 0 || features.shape[features.rank() - 1] != features_) {
    throw std::invalid_argument("features: shape " + features.shape.describe() + " where the last axis is expected to have " + std::to_string(features_));
  }
  const std::vector<double> wanted = finite_numbers(check_targets(targets, leading_of(features.shape)), "targets");
  const std::vector<double> x = finite_numbers(features, "features");
  const int64_t rows = features_ == 0 ? 0 : static_cast<int64_t>(x.size()) / features_;
  constexpr int64_t kDepth = 256;
  const int64_t panels = (features_ + kPanel - 1) / kPanel;
  std::vector<double> packed(static_cast<size_t>(panels * kPanel * kDepth));
  for (int64_t from = 0; from < rows; from += kDepth) {
    const int64_t depth = std::min(kDepth, rows - from);
    run_pieces(execution, panels, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        double* to = packed.data() + p * kPanel * kDepth;
        const int64_t columns = std::min(kPanel, features_ - p * kPanel);
        for (int64_t k = 0; k < depth; ++k, to += kPanel) {
          std::copy_n(x.data() + (from + k) * features_ + p * kPanel, columns, to);
          std::fill(to + columns, to + kPanel, 0.0);
        }
      }
    });
    // The lower triangle stays 0, the upper one gets the products, its diagonal tiles whole: halved, so that A + A^T is the Gram matrix.
    run_pieces(execution, panels, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        for (int64_t j = i; j < panels; ++j) {
          matrix_loops().tile(packed.data() + i * kPanel * kDepth, packed.data() + j * kPanel * kDepth, depth, i == j ? 0.5 : 1.0,
                              strip_row(j * kPanel / kStrip, i * kPanel) + j * kPanel % kStrip, kStrip);
        }
      }
    });
  }
  const int64_t width = outputs_ + 1;
  run_pieces(execution, features_, [&](int64_t begin, int64_t end) {
    for (int64_t k = 0; k < rows; ++k) {
      for (int64_t i = begin; i < end; ++i) {
        double* const row = cross_.data() + i * width;
        const double value = x[static_cast<size_t>(k * features_ + i)];
        for (int64_t c = 0; c < outputs_; ++c) {
          row[c] += value * wanted[static_cast<size_t>(k * outputs_ + c)];
        }
        row[outputs_] += value;
      }
    }
  });
  for (int64_t k = 0; k < rows; ++k) {
    for (int64_t c = 0; c < outputs_; ++c) {
      totals_[static_cast<size_t>(c)] += wanted[static_cast<size_t>(k * outputs_ + c)];
    }
  }
  samples_ += rows;
}

/// One copy of the neurons over time.
struct RidgeSystem::SpikeRun {
  const SpikeArray& spikes;
  int64_t copy;
  double decay;
  int64_t warmup;
  std::span<const double> before;      ///< F
  std::vector<SpikesByNeuron> blocks;  ///< of kSteps steps or less; one begins at the end of the warm-up

  SpikeRun(const SpikeArray& raster, int64_t b, double factor, int64_t ignored, std::span<const double> start, const Execution& execution)
      : spikes(raster), copy(b), decay(factor), warmup(ignored), before(start) {
    for (int64_t from = 0; from < steps();) {
      const int64_t to = std::min({from + kSteps, steps(), from < warmup ? warmup : steps()});
      blocks.push_back({from, to, {}, {}});
      from = to;
    }
    run_pieces(execution, static_cast<int64_t>(blocks.size()), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        sort_by_neuron(spikes, copy, blocks[static_cast<size_t>(i)]);
      }
    });
  }

  [[nodiscard]] int64_t steps() const { return spikes.shape()[0]; }
  [[nodiscard]] int64_t batch() const { return spikes.shape()[1]; }

  /// Filters the kStrip neurons of a strip in steps [from, to), on from `trace`; see SpikeLoops::filter.
  void filter(int64_t strip, int64_t from, int64_t to, double* trace, double* seen) const {
    if (to > from) {
      spike_loops().filter(spikes.row(from * batch() + copy) + strip, batch() * spikes.words_per_row(), to - from,
                           std::min<int64_t>(kStrip, spikes.columns() - strip * kStrip), decay, trace, seen, kStrip, 0.5);
    }
  }
};

void RidgeSystem::add_spike_products(const SpikeRun& run, const std::vector<double>& wanted, const Execution& execution) {
  // Backwards: later[t] = sum over s >= max(t, warmup) of decay^(s - t) (targets(s), 1): what a spike in step t adds to cross_.
  const int64_t width = outputs_ + 1;
  std::vector<double> later(static_cast<size_t>((run.steps() + 1) * width));
  for (int64_t t = run.steps(); t-- > 0;) {
    for (int64_t c = 0; c < width; ++c) {
      const double target = c == outputs_ ? 1 : wanted[static_cast<size_t>((t * run.batch() + run.copy) * outputs_ + c)];
      later[static_cast<size_t>(t * width + c)] = run.decay * later[static_cast<size_t>((t + 1) * width + c)] + (t < run.warmup ? 0 : target);
      totals_[static_cast<size_t>(c)] += t < run.warmup ? 0 : target;
    }
  }
  run_pieces(execution, features_, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double* const row = cross_.data() + i * width;
      const auto add = [&](int64_t t, double factor) {
        for (int64_t c = 0; c < width; ++c) {
          row[c] += factor * later[static_cast<size_t>(t * width + c)];
        }
      };
      add(0, run.decay * run.before[static_cast<size_t>(i)]);
      for (const SpikesByNeuron& block : run.blocks) {
        for (const int32_t step : block.of(i)) {
          add(block.from + step, 1);
        }
      }
    }
  });
}

void RidgeSystem::add_spike_gram(const SpikeRun& run, const Execution& execution) {
  const int64_t steps = run.steps();
  const double squared = run.decay * run.decay;
  // How long the products that a spike in step t makes last: 1 + decay^2 + … to the end.
  std::vector<double> weights(static_cast<size_t>(steps + 1));
  for (int64_t t = steps; t-- > run.warmup;) {
    weights[static_cast<size_t>(t)] = 1 + squared * weights[static_cast<size_t>(t + 1)];
  }
  std::vector<double> start(static_cast<size_t>(strips_ * kStrip));
  std::ranges::copy(run.before, start.begin());
  run_pieces(execution, strips_, [&](int64_t begin, int64_t end) {
    for (int64_t strip = begin; strip < end; ++strip) {
      run.filter(strip, 0, run.warmup, start.data() + strip * kStrip, nullptr);
    }
  });
  const double start_weight = 0.5 * squared * weights[static_cast<size_t>(run.warmup)];
  // A strip's filtered spikes are made and used by one thread; columns behind the last feature stay 0.
  run_pieces(execution, strips_, [&](int64_t begin, int64_t end) {
    std::vector<double> seen(static_cast<size_t>(kSteps * kStrip));
    for (int64_t strip = begin; strip < end; ++strip) {
      std::ranges::fill(seen, 0.0);
      std::array<double, kStrip> trace{};
      std::copy_n(start.data() + strip * kStrip, kStrip, trace.data());
      constexpr int32_t kFirst = 0;
      for (int64_t i = 0; i < features_; ++i) {
        const double factor = start_weight * start[static_cast<size_t>(i)];
        if (factor != 0) {
          matrix_loops().add_events(trace.data(), &factor, &kFirst, 1, strip_row(strip, i));
        }
      }
      for (const SpikesByNeuron& block : run.blocks) {
        if (block.from < run.warmup) {
          continue;
        }
        run.filter(strip, block.from, block.to, trace.data(), seen.data());
        for (int64_t i = 0; i < features_; ++i) {
          const auto events = block.of(i);
          if (!events.empty()) {
            matrix_loops().add_events(seen.data(), weights.data() + block.from, events.data(), static_cast<int64_t>(events.size()), strip_row(strip, i));
          }
        }
      }
    }
  });
}

void RidgeSystem::add_spikes(const SpikeArray& spikes, double decay, const ArrayView& before, const ArrayView& targets, int64_t warmup,
                             const Execution& execution) {
  if (spikes.shape().rank() != 3 || spikes.columns() != features_) {
    throw std::invalid_argument("spikes: shape " + spikes.shape().describe() + " where (T, batch, " + std::to_string(features_) + ") is expected");
  }
  const int64_t steps = spikes.shape()[0];
  const int64_t batch = spikes.shape()[1];
  if (!(before.shape == Shape{batch, features_}) || before.type != ElementType::float64 || !before.is_contiguous()) {
    throw std::invalid_argument("trace: " + before.shape.describe() + " where float64" + Shape{batch, features_}.describe() + " is expected");
  }
  if (warmup < 0 || warmup > steps) {
    throw std::invalid_argument("warmup: " + std::to_string(warmup) + " is not within 0 to the " + std::to_string(steps) + " steps");
  }
  const std::vector<double> wanted = finite_numbers(check_targets(targets, Shape{steps, batch}), "targets");
  for (int64_t b = 0; b < batch && warmup < steps; ++b) {
    const SpikeRun run(spikes, b, decay, warmup, {before.as<double>() + b * features_, static_cast<size_t>(features_)}, execution);
    add_spike_products(run, wanted, execution);
    add_spike_gram(run, execution);
    samples_ += steps - warmup;
  }
}

PanelMatrix RidgeSystem::centred_gram(double regularization, const Execution& execution) const {
  const int64_t width = outputs_ + 1;
  PanelMatrix a(features_);
  const auto sum = [&](int64_t i) { return cross_[static_cast<size_t>(i * width + outputs_)]; };
  run_pieces(execution, a.panels(), [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; ++panel) {
      const int64_t columns = std::min(kPanel, features_ - panel * kPanel);
      const int64_t strip = panel * kPanel / kStrip;
      for (int64_t i = 0; i < std::min(features_, (panel + 1) * kPanel); ++i) {
        double* const row = a.at(panel, i);
        const double* const above = strip_row(strip, i) + panel * kPanel % kStrip;
        const double mean = sum(i) / static_cast<double>(samples_);
        for (int64_t c = 0; c < columns; ++c) {
          const int64_t j = panel * kPanel + c;
          row[c] = above[c] + strip_row(i / kStrip, j)[i % kStrip] - mean * sum(j);
        }
      }
      for (int64_t c = 0; c < columns; ++c) {
        a.element(panel * kPanel + c, panel * kPanel + c) += regularization;
      }
    }
  });
  return a;
}

LinearReadout RidgeSystem::solve(double regularization, const Execution& execution) const {
  if (!(regularization >= 0 && std::isfinite(regularization))) {
    throw std::invalid_argument("regularization: " + std::to_string(regularization) + " is not a number from 0 on");
  }
  if (samples_ == 0) {
    throw std::invalid_argument("features: there are no samples after the warm-up to fit a readout to");
  }
  PanelMatrix a = centred_gram(regularization, execution);
  if (const auto row = factor_cholesky(a, execution)) {
    throw std::invalid_argument("regularization: " + std::to_string(regularization) + " is too small: feature " + std::to_string(*row) +
                                " follows from those before it, or is constant; a larger regularization chooses among the readouts that fit");
  }
  LinearReadout readout{Array(ElementType::float64, Shape{features_, outputs_}), Array(ElementType::float64, Shape{outputs_})};
  const int64_t width = outputs_ + 1;
  const double count = static_cast<double>(samples_);
  std::vector<double> w(static_cast<size_t>(features_));
  for (int64_t c = 0; c < outputs_; ++c) {
    const double mean = totals_[static_cast<size_t>(c)] / count;
    for (int64_t i = 0; i < features_; ++i) {
      w[static_cast<size_t>(i)] = cross_[static_cast<size_t>(i * width + c)] - cross_[static_cast<size_t>(i * width + outputs_)] * mean;
    }
    solve_cholesky(a, w.data());
    double intercept = mean;
    for (int64_t i = 0; i < features_; ++i) {
      intercept -= cross_[static_cast<size_t>(i * width + outputs_)] / count * w[static_cast<size_t>(i)];
      readout.weights.as<double>()[i * outputs_ + c] = w[static_cast<size_t>(i)];
    }
    readout.intercepts.as<double>()[c] = intercept;
  }
  return readout;
}

Array predict(const LinearReadout& readout, const ArrayView& features, const Execution& execution) {
  const int64_t inputs = readout.weights.shape()[0];
  const int64_t outputs = readout.weights.shape()[1];
  if (features.rank() == 0 || features.shape[features.rank() - 1] != inputs) {
    throw std::invalid_argument("features: shape " + features.shape.describe() + " where the last axis is expected to have " + std::to_string(inputs));
  }
  std::vector<int64_t> extents(features.shape.extents().begin(), features.shape.extents().end());
  extents.back() = outputs;
  Array result(ElementType::float64, Shape(extents));
  const Rows<const std::byte> reader(features);
  run_pieces(execution, reader.count(), [&](int64_t begin, int64_t end) {
    std::vector<double> x(static_cast<size_t>(inputs));
    for (int64_t r = begin; r < end; ++r) {
      read_row(reader, features.type, r, x.data());
      double* const y = result.as<double>() + r * outputs;
      std::copy_n(readout.intercepts.as<double>(), outputs, y);
      for (int64_t i = 0; i < inputs; ++i) {
        const double* const w = readout.weights.as<double>() + i * outputs;
        for (int64_t c = 0; c < outputs; ++c) {
          y[c] += x[static_cast<size_t>(i)] * w[c];
        }
      }
    }
  });
  return result;
}

Array predict_from_spikes(const LinearReadout& readout, const SpikeArray& spikes, double decay, const ArrayView& before, const Execution& execution) {
  const int64_t inputs = readout.weights.shape()[0];
  const int64_t outputs = readout.weights.shape()[1];
  if (spikes.shape().rank() != 3 || spikes.columns() != inputs) {
    throw std::invalid_argument("spikes: shape " + spikes.shape().describe() + " where (T, batch, " + std::to_string(inputs) + ") is expected");
  }
  const int64_t steps = spikes.shape()[0];
  const int64_t batch = spikes.shape()[1];
  Array result(ElementType::float64, Shape{steps, batch, outputs});
  run_pieces(execution, batch, [&](int64_t begin, int64_t end) {
    std::vector<double> filtered(static_cast<size_t>(outputs));
    for (int64_t b = begin; b < end; ++b) {
      std::ranges::fill(filtered, 0.0);
      const auto add = [&](int64_t i, double factor) {
        const double* const w = readout.weights.as<double>() + i * outputs;
        for (int64_t c = 0; c < outputs; ++c) {
          filtered[static_cast<size_t>(c)] += factor * w[c];
        }
      };
      for (int64_t i = 0; i < inputs; ++i) {
        add(i, before.as<double>()[b * inputs + i]);
      }
      for (int64_t t = 0; t < steps; ++t) {
        for (double& value : filtered) {
          value *= decay;
        }
        for_spikes(spikes.row(t * batch + b), spikes.words_per_row(), [&](int64_t i) { add(i, 1); });
        double* const y = result.as<double>() + (t * batch + b) * outputs;
        for (int64_t c = 0; c < outputs; ++c) {
          y[c] = filtered[static_cast<size_t>(c)] + readout.intercepts.as<double>()[c];
        }
      }
    }
  });
  return result;
}

}  // namespace omega::compute
