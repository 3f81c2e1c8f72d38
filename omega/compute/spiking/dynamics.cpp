// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/dynamics.h"

#include <Eigen/Dense>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "omega/compute/spiking/numbers.h"

namespace omega::compute {

namespace {

/// Root mean square over pairs of rows of their distance, per square root of the columns: from the sum over pairs |x - y|^2 = B sum |x|^2 - |sum x|^2, centred
/// first.
double pair_distance(const Array& rows) {
  const int64_t count = rows.shape()[0];
  const int64_t columns = rows.shape()[1];
  if (count < 2 || columns == 0) {
    return 0;
  }
  double sum = 0;
  for (int64_t c = 0; c < columns; ++c) {
    double mean = 0;
    for (int64_t r = 0; r < count; ++r) {
      mean += rows.as<double>()[r * columns + c];
    }
    mean /= static_cast<double>(count);
    for (int64_t r = 0; r < count; ++r) {
      const double away = rows.as<double>()[r * columns + c] - mean;
      sum += away * away;
    }
  }
  const double pairs = static_cast<double>(count) * static_cast<double>(count - 1) / 2;
  return std::sqrt(static_cast<double>(count) * sum / pairs / static_cast<double>(columns));
}

void measure_rates(const SpikeArray& spikes, double seconds, LiquidDynamics& dynamics) {
  const int64_t n = spikes.columns();
  dynamics.firing_rates = Array(ElementType::float64, Shape{n});
  double* const rates = dynamics.firing_rates.as<double>();
  std::fill_n(rates, n, 0.0);
  for (int64_t r = 0; r < spikes.rows(); ++r) {
    for (int64_t w = 0; w < spikes.words_per_row(); ++w) {
      for (uint64_t bits = spikes.row(r)[w]; bits != 0; bits &= bits - 1) {
        rates[w * 64 + std::countr_zero(bits)] += 1;
      }
    }
  }
  for (int64_t i = 0; i < n; ++i) {
    dynamics.silent += (rates[i] == 0 ? 1.0 : 0.0) / static_cast<double>(n);
    rates[i] /= seconds;
    dynamics.mean_rate += rates[i] / static_cast<double>(n);
  }
  for (int64_t i = 0; i < n; ++i) {
    const double away = rates[i] - dynamics.mean_rate;
    dynamics.rate_deviation += away * away / static_cast<double>(n);
  }
  dynamics.rate_deviation = std::sqrt(dynamics.rate_deviation);
}

}  // namespace

int64_t numerical_rank(const ArrayView& matrix) {
  if (matrix.rank() != 2) {
    throw std::invalid_argument("matrix: shape " + matrix.shape.describe() + " is not that of a matrix");
  }
  if (matrix.count() == 0) {
    return 0;
  }
  const std::vector<double> numbers = numbers_of(matrix);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> rows(numbers.data(), matrix.shape[0], matrix.shape[1]);
  // The triangular factor of the long side has the same singular values.
  const Eigen::MatrixXd tall = rows.rows() >= rows.cols() ? Eigen::MatrixXd(rows) : Eigen::MatrixXd(rows.transpose());
  const Eigen::HouseholderQR<Eigen::MatrixXd> factored(tall);
  const Eigen::MatrixXd triangle = factored.matrixQR().topRows(tall.cols()).template triangularView<Eigen::Upper>();
  const Eigen::VectorXd singular = Eigen::BDCSVD<Eigen::MatrixXd>(triangle).singularValues();
  const double bound = singular[0] * static_cast<double>(tall.rows()) * 0x1p-52;
  return (singular.array() > bound).count();
}

LiquidDynamics analyze_dynamics(const LiquidStateMachine& liquid, const SpikeArray& inputs, double dt, const Execution& execution) {
  if (inputs.shape().rank() != 3 || inputs.shape()[0] == 0 || inputs.shape()[1] == 0) {
    throw std::invalid_argument("spikes: shape " + inputs.shape().describe() + " where (T, batch, inputs) of at least one step and one input each is expected");
  }
  const int64_t steps = inputs.shape()[0];
  const int64_t batch = inputs.shape()[1];
  const bool plastic = liquid.config().plasticity.has_value();
  if (plastic) {
    throw std::invalid_argument("spikes: dynamics are those of fixed weights; analyse a liquid without plasticity");
  }
  LiquidState state = liquid.initial_state(batch);
  const LiquidRecord record = liquid.advance(state, inputs, dt, false, execution);
  Array filtered(ElementType::float64, Shape{batch, inputs.columns()});
  std::memset(filtered.mutable_view().data, 0, static_cast<size_t>(filtered.shape().count()) * sizeof(double));
  filter_on(inputs, liquid.config().readout_decay(dt), filtered.mutable_view(), nullptr, execution);
  LiquidDynamics dynamics;
  dynamics.input_distance = pair_distance(filtered);
  dynamics.state_distance = pair_distance(state.trace);
  dynamics.separation = dynamics.input_distance > 0 ? dynamics.state_distance / dynamics.input_distance : 0;
  dynamics.kernel_rank = numerical_rank(state.trace.view());
  measure_rates(record.spikes, static_cast<double>(steps * batch) * dt, dynamics);
  return dynamics;
}

}  // namespace omega::compute
