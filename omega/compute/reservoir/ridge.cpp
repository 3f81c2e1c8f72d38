// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/reservoir/ridge.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

#include "omega/compute/reservoir/cholesky.h"
#include "omega/compute/reservoir/matrix_loops.h"
#include "omega/compute/spiking/numbers.h"
#include "omega/compute/spiking/trace_loops.h"

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

/// The spikes of some steps by neuron: those of neuron i are steps[first[i]] … steps[first[i + 1] - 1], counted from the first step, ascending.
struct SpikesByNeuron {
  std::vector<int32_t> first;
  std::vector<int32_t> steps;
};

/// Steps [from, to) of copy b of T x B x F.
void by_neuron(const SpikeArray& spikes, int64_t b, int64_t from, int64_t to, SpikesByNeuron& result) {
  const int64_t batch = spikes.shape()[1];
  const int64_t words = spikes.words_per_row();
  result.first.assign(static_cast<size_t>(spikes.columns()) + 1, 0);
  for (int64_t t = from; t < to; ++t) {
    for_spikes(spikes.row(t * batch + b), words, [&](int64_t i) { ++result.first[static_cast<size_t>(i) + 1]; });
  }
  for (size_t i = 1; i < result.first.size(); ++i) {
    result.first[i] += result.first[i - 1];
  }
  result.steps.resize(static_cast<size_t>(result.first.back()));
  std::vector<int32_t> next(result.first.begin(), result.first.end() - 1);
  for (int64_t t = from; t < to; ++t) {
    for_spikes(spikes.row(t * batch + b), words,
               [&](int64_t i) { result.steps[static_cast<size_t>(next[static_cast<size_t>(i)]++)] = static_cast<int32_t>(t - from); });
  }
}

/// 1 + ratio + … + ratio^(count - 1).
double geometric_sum(double ratio, int64_t count) {
  return ratio == 1 ? static_cast<double>(count) : (1 - std::pow(ratio, static_cast<double>(count))) / (1 - ratio);
}

}  // namespace

RidgeSystem::RidgeSystem(int64_t features, int64_t outputs)
    : features_(features),
      outputs_(outputs),
      stride_((features + kPanel - 1) / kPanel * kPanel),
      gram_(static_cast<size_t>(stride_ * stride_)),
      cross_(static_cast<size_t>(features * (outputs + 1))),
      totals_(static_cast<size_t>(outputs)) {}

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
  const int64_t panels = stride_ / kPanel;
  std::vector<double> packed(static_cast<size_t>(stride_ * kDepth));
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
                              gram_.data() + i * kPanel * stride_ + j * kPanel, stride_);
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
  const int64_t width = outputs_ + 1;
  const int64_t words = spikes.words_per_row();
  constexpr int64_t kSteps = 512;    // steps at once: a neuron's events in a block share its row's way through the caches
  constexpr int64_t kColumns = 128;  // columns at once: kSteps rows of them stay in the second cache
  std::vector<double> seen(static_cast<size_t>(kSteps * stride_));
  std::vector<double> trace(static_cast<size_t>(features_));
  std::vector<double> later(static_cast<size_t>((steps + 1) * width));
  SpikesByNeuron events;
  for (int64_t b = 0; b < batch; ++b) {
    std::copy_n(before.as<double>() + b * features_, features_, trace.data());
    // Backwards: later[t] = sum over s >= max(t, warmup) of decay^(s - t) (targets(s), 1): what a spike in step t adds to cross_.
    std::fill_n(later.end() - width, width, 0.0);
    for (int64_t t = steps; t-- > 0;) {
      for (int64_t c = 0; c < width; ++c) {
        const double now = t < warmup ? 0.0 : c < outputs_ ? wanted[static_cast<size_t>((t * batch + b) * outputs_ + c)] : 1.0;
        later[static_cast<size_t>(t * width + c)] = decay * later[static_cast<size_t>((t + 1) * width + c)] + now;
      }
    }
    for (int64_t i = 0; i < features_ && steps > 0; ++i) {
      for (int64_t c = 0; c < width && trace[static_cast<size_t>(i)] != 0; ++c) {
        cross_[static_cast<size_t>(i * width + c)] += decay * trace[static_cast<size_t>(i)] * later[static_cast<size_t>(c)];
      }
    }
    // Blocks do not cross the end of the warm-up, where what was gathered so far enters the Gram matrix once.
    for (int64_t from = 0; from < steps;) {
      if (from == warmup) {
        const double weight = 0.5 * decay * decay * geometric_sum(decay * decay, steps - warmup);
        run_pieces(execution, features_, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) {
            if (trace[static_cast<size_t>(i)] != 0) {
              const double* const row = trace.data();
              const double factor = weight * trace[static_cast<size_t>(i)];
              matrix_loops().add_rows(&row, &factor, 1, gram_.data() + i * stride_, features_);
            }
          }
        });
      }
      const int64_t to = std::min({from + kSteps, steps, from < warmup ? warmup : steps});
      by_neuron(spikes, b, from, to, events);
      run_pieces(execution, words, [&](int64_t begin, int64_t end) {
        for (int64_t w = begin; w < end; ++w) {
          filter_trace()(spikes.row(from * batch + b) + w, batch * words, to - from, std::min<int64_t>(64, features_ - w * 64), decay, trace.data() + w * 64,
                         from < warmup ? nullptr : seen.data() + w * 64, stride_, 0.5);
        }
      });
      std::vector<double> weights(static_cast<size_t>(to - from));
      for (int64_t t = from; t < to; ++t) {
        weights[static_cast<size_t>(t - from)] = geometric_sum(decay * decay, steps - t);
      }
      run_pieces(execution, features_, [&](int64_t begin, int64_t end) {
        std::vector<double> factors;
        std::vector<const double*> rows;
        for (int64_t tile = 0; tile < features_; tile += kColumns) {
          for (int64_t i = begin; i < end; ++i) {
            factors.clear();
            rows.clear();
            for (int32_t k = events.first[static_cast<size_t>(i)]; k < events.first[static_cast<size_t>(i) + 1]; ++k) {
              const int32_t t = events.steps[static_cast<size_t>(k)];
              if (tile == 0) {
                for (int64_t c = 0; c < width; ++c) {
                  cross_[static_cast<size_t>(i * width + c)] += later[static_cast<size_t>((from + t) * width + c)];
                }
              }
              factors.push_back(weights[static_cast<size_t>(t)]);
              rows.push_back(seen.data() + t * stride_ + tile);
            }
            if (from >= warmup && !rows.empty()) {
              matrix_loops().add_rows(rows.data(), factors.data(), static_cast<int64_t>(rows.size()), gram_.data() + i * stride_ + tile,
                                      std::min(kColumns, features_ - tile));
            }
          }
        }
      });
      from = to;
    }
    for (int64_t t = warmup; t < steps; ++t) {
      for (int64_t c = 0; c < outputs_; ++c) {
        totals_[static_cast<size_t>(c)] += wanted[static_cast<size_t>((t * batch + b) * outputs_ + c)];
      }
    }
    samples_ += steps - warmup;
  }
}

LinearReadout RidgeSystem::solve(double regularization, const Execution& execution) const {
  if (!(regularization >= 0 && std::isfinite(regularization))) {
    throw std::invalid_argument("regularization: " + std::to_string(regularization) + " is not a number from 0 on");
  }
  if (samples_ == 0) {
    throw std::invalid_argument("features: there are no samples after the warm-up to fit a readout to");
  }
  const int64_t width = outputs_ + 1;
  const double count = static_cast<double>(samples_);
  // Centred: the Gram matrix less count mean mean^T, the products less count mean_x mean_y.
  std::vector<double> a(gram_.size());
  std::vector<double> w(static_cast<size_t>(features_ * outputs_));
  run_pieces(execution, features_, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double mean = cross_[static_cast<size_t>(i * width + outputs_)] / count;
      for (int64_t j = i; j < features_; ++j) {
        a[static_cast<size_t>(i * stride_ + j)] = gram_[static_cast<size_t>(i * stride_ + j)] + gram_[static_cast<size_t>(j * stride_ + i)] -
                                                  mean * cross_[static_cast<size_t>(j * width + outputs_)];
      }
      a[static_cast<size_t>(i * stride_ + i)] += regularization;
      for (int64_t c = 0; c < outputs_; ++c) {
        w[static_cast<size_t>(i * outputs_ + c)] = cross_[static_cast<size_t>(i * width + c)] - mean * totals_[static_cast<size_t>(c)];
      }
    }
  });
  if (const auto row = factor_cholesky(a.data(), features_, stride_, execution)) {
    throw std::invalid_argument("regularization: " + std::to_string(regularization) + " is too small: feature " + std::to_string(*row) +
                                " follows from those before it, or is constant; a larger regularization chooses among the readouts that fit");
  }
  solve_cholesky(a.data(), features_, stride_, w.data(), outputs_);
  LinearReadout readout{Array(ElementType::float64, Shape{features_, outputs_}), Array(ElementType::float64, Shape{outputs_})};
  std::ranges::copy(w, readout.weights.as<double>());
  for (int64_t c = 0; c < outputs_; ++c) {
    double intercept = totals_[static_cast<size_t>(c)] / count;
    for (int64_t i = 0; i < features_; ++i) {
      intercept -= cross_[static_cast<size_t>(i * width + outputs_)] / count * w[static_cast<size_t>(i * outputs_ + c)];
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
