// SPDX-License-Identifier: Apache-2.0
// Ridge regression in float64: a linear readout fitted to features, dense ones or the filtered spikes of a liquid.
#pragma once

#include <cstdint>
#include <vector>

#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/spikes.h"
#include "omega/compute/kernels/execution.h"
#include "omega/compute/reservoir/cholesky.h"
#include "omega/compute/reservoir/matrix_loops.h"

namespace omega::compute {

/// A linear map: outputs = features @ weights + intercepts.
struct LinearReadout {
  Array weights;     ///< F x K float64
  Array intercepts;  ///< K float64
};

/// The normal equations of a fit: sums over samples of products. Systems of the same sizes can be added, so data may come in parts.
class RidgeSystem {
 public:
  /// F features, K outputs, no samples.
  RidgeSystem(int64_t features, int64_t outputs);

  /// Adds the samples of `features`, (…, F), and `targets`, (…, K) of the same leading extents; any types and strides. Throws std::invalid_argument, naming the
  /// argument and both shapes, where they do not fit, and for NaN or infinity.
  void add(const ArrayView& features, const ArrayView& targets, const Execution& execution = {});

  /// Adds the steps from `warmup` on of filtered spikes: the features of step t are X(t) = decay X(t - 1) + spikes(t), for `spikes` T x B x F, X(-1) =
  /// `before`, B x F float64; `targets` is T x B x K. The Gram matrix follows from X X^T = decay^2 X' X'^T + S Y^T + Y S^T, with X' the step before, S the
  /// spikes and Y = X - S / 2: each spike adds one row of Y, weighted by how long it lasts, so the work grows with the number of spikes, not with T F^2.
  void add_spikes(const SpikeArray& spikes, double decay, const ArrayView& before, const ArrayView& targets, int64_t warmup, const Execution& execution = {});

  [[nodiscard]] int64_t samples() const { return samples_; }

  /// Minimises |features @ W + b - targets|^2 + regularization |W|^2; the intercepts b are free. Blocked Cholesky. Throws std::invalid_argument for a negative
  /// regularization, for no samples, and where the features depend on each other more than the regularization makes up for.
  [[nodiscard]] LinearReadout solve(double regularization, const Execution& execution = {}) const;

 private:
  /// Row `row` of a strip of gram_.
  [[nodiscard]] double* strip_row(int64_t strip, int64_t row) { return gram_.data() + (strip * strips_ * kStrip + row) * kStrip; }
  [[nodiscard]] const double* strip_row(int64_t strip, int64_t row) const { return gram_.data() + (strip * strips_ * kStrip + row) * kStrip; }
  struct SpikeRun;
  void add_spike_products(const SpikeRun& run, const std::vector<double>& wanted, const Execution& execution);
  void add_spike_gram(const SpikeRun& run, const Execution& execution);
  [[nodiscard]] PanelMatrix centred_gram(double regularization, const Execution& execution) const;
  [[nodiscard]] ArrayView check_targets(const ArrayView& targets, const Shape& leading) const;

  int64_t features_;
  int64_t outputs_;
  int64_t strips_;  ///< of gram_: its columns in kStrip at a time, each strip F x kStrip
  int64_t samples_ = 0;
  std::vector<double> gram_;    ///< A with A + A^T the Gram matrix, in strips
  std::vector<double> cross_;   ///< features^T (targets, 1): F x (K + 1)
  std::vector<double> totals_;  ///< sums of (targets, 1): K + 1
};

/// features @ weights + intercepts: (…, F) to (…, K) float64. Throws std::invalid_argument where F differs.
Array predict(const LinearReadout& readout, const ArrayView& features, const Execution& execution = {});
/// The same on filtered spikes, T x B x F from `before`, without making the features: T x B x K. Filtering the outputs gives the same as filtering the spikes.
Array predict_from_spikes(const LinearReadout& readout, const SpikeArray& spikes, double decay, const ArrayView& before, const Execution& execution = {});

}  // namespace omega::compute
