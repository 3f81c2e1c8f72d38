// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/spiking/encoders.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "omega/compute/spiking/numbers.h"
#include "omega/compute/spiking/spike_loops.h"

namespace omega::compute {

namespace {

constexpr uint32_t kRateStream = 1;

[[noreturn]] void reject_value(double value) {
  throw std::invalid_argument("values: " + std::to_string(value) + " is not within 0 to 1; scale the values, or clip them with numpy.clip(values, 0, 1)");
}

void check_steps(int64_t steps) {
  if (steps < 0) {
    throw std::invalid_argument("steps: " + std::to_string(steps) + " is negative");
  }
}

/// Shape (steps, …shape).
Shape in_time(int64_t steps, const Shape& shape) {
  std::vector<int64_t> extents{steps};
  extents.insert(extents.end(), shape.extents().begin(), shape.extents().end());
  return Shape(extents);
}

/// What a word of 32 random bits must be below to be a spike; 2^32 for certainty.
std::vector<uint64_t> spike_bounds(const std::vector<double>& probabilities) {
  std::vector<uint64_t> bounds(probabilities.size());
  std::ranges::transform(probabilities, bounds.begin(), [](double p) {
    if (!(p >= 0 && p <= 1)) {
      reject_value(p);
    }
    return static_cast<uint64_t>(std::llround(p * 0x1p32));
  });
  return bounds;
}

int64_t latency_of(double value, int64_t steps, const LatencyEncoding& encoding) {
  if (encoding.law == LatencyLaw::linear) {
    return std::llround((1 - value) * static_cast<double>(steps - 1));
  }
  const double time = encoding.tau * std::log(value / (value - encoding.threshold));
  return time >= static_cast<double>(steps - 1) ? steps - 1 : std::llround(time);
}

}  // namespace

SpikeArray rate_encode(const ArrayView& values, int64_t steps, uint64_t seed, const Execution& execution) {
  check_steps(steps);
  const std::vector<uint64_t> bounds = spike_bounds(numbers_of(values));
  SpikeArray spikes(in_time(steps, values.shape));
  const std::array<uint32_t, 2> key{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  const int64_t columns = spikes.columns();
  const int64_t rows_per_step = steps == 0 ? 0 : spikes.rows() / steps;
  // A scalar has one row in time, of `steps` elements.
  const bool scalar = values.rank() == 0;
  const std::vector<uint64_t> repeated(scalar ? static_cast<size_t>(columns) : 0, scalar ? bounds[0] : 0);
  run_pieces(execution, spikes.rows(), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const uint64_t* const row_bounds = scalar ? repeated.data() : bounds.data() + row % rows_per_step * columns;
      spike_loops().draw(row_bounds, columns, static_cast<uint64_t>(row) * static_cast<uint64_t>(columns), kRateStream, key.data(), spikes.mutable_row(row));
    }
  });
  return spikes;
}

SpikeArray rate_encode_in_time(const ArrayView& values, uint64_t seed, const Execution& execution) {
  if (values.rank() == 0) {
    throw std::invalid_argument("values: a scalar has no time axis");
  }
  const std::vector<uint64_t> bounds = spike_bounds(numbers_of(values));
  SpikeArray spikes(values.shape);
  const std::array<uint32_t, 2> key{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  const int64_t columns = spikes.columns();
  run_pieces(execution, spikes.rows(), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      spike_loops().draw(bounds.data() + row * columns, columns, static_cast<uint64_t>(row) * static_cast<uint64_t>(columns), kRateStream, key.data(),
                         spikes.mutable_row(row));
    }
  });
  return spikes;
}

SpikeArray latency_encode(const ArrayView& values, int64_t steps, const LatencyEncoding& encoding, const Execution& execution) {
  check_steps(steps);
  if (!(encoding.threshold >= 0 && encoding.threshold < 1)) {
    throw std::invalid_argument("threshold: " + std::to_string(encoding.threshold) + " is not within 0 to below 1");
  }
  if (!(encoding.tau > 0 && std::isfinite(encoding.tau))) {
    throw std::invalid_argument("tau: " + std::to_string(encoding.tau) + " is not a time constant above 0");
  }
  SpikeArray spikes(in_time(steps, values.shape));
  const std::vector<double> numbers = numbers_of(values);
  const int64_t columns = values.rank() == 0 ? 1 : values.shape[values.rank() - 1];
  const int64_t rows = columns == 0 ? 0 : static_cast<int64_t>(numbers.size()) / columns;
  for (const double value : numbers) {
    if (!(value >= 0 && value <= 1)) {
      reject_value(value);
    }
  }
  if (steps == 0) {
    return spikes;
  }
  // A row of values fills the rows of the same place in every step, which no other row touches.
  run_pieces(execution, values.rank() == 0 ? 1 : rows, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t c = 0; c < columns; ++c) {
        const double value = numbers[static_cast<size_t>(row * columns + c)];
        if (value <= encoding.threshold) {
          continue;
        }
        const int64_t at = latency_of(value, steps, encoding);
        const int64_t bit = values.rank() == 0 ? at : c;
        spikes.mutable_row(values.rank() == 0 ? 0 : at * rows + row)[bit / 64] |= uint64_t{1} << (bit % 64);
      }
    }
  });
  return spikes;
}

SpikeArray delta_encode(const ArrayView& values, double threshold, bool falling, const Execution& execution) {
  if (values.rank() == 0) {
    throw std::invalid_argument("values: a scalar has no time axis");
  }
  if (!(threshold > 0)) {
    throw std::invalid_argument("threshold: " + std::to_string(threshold) + " is not above 0");
  }
  // Rank 1: time is the only axis; elements as rows of one.
  ArrayView signal = values;
  if (values.rank() == 1) {
    signal.shape = Shape{values.shape[0], 1};
  }
  std::vector<int64_t> extents(signal.shape.extents().begin(), signal.shape.extents().end());
  extents.back() *= falling ? 2 : 1;
  const bool flat = values.rank() == 1 && !falling;
  SpikeArray spikes(flat ? values.shape : Shape(extents));
  const Rows<const std::byte> reader(signal);
  const int64_t columns = reader.columns();
  const int64_t rows_per_step = signal.shape[0] == 0 ? 0 : reader.count() / signal.shape[0];
  const auto set = [&](int64_t row, int64_t column) {
    const int64_t bit = flat ? row : column;
    spikes.mutable_row(flat ? 0 : row)[bit / 64] |= uint64_t{1} << (bit % 64);
  };
  const auto encode = [&](int64_t begin, int64_t end) {
    std::vector<double> now(static_cast<size_t>(columns));
    std::vector<double> before(static_cast<size_t>(columns));
    for (int64_t row = std::max(begin, rows_per_step); row < end; ++row) {
      read_row(reader, signal.type, row - rows_per_step, before.data());
      read_row(reader, signal.type, row, now.data());
      for (int64_t c = 0; c < columns; ++c) {
        const double change = now[static_cast<size_t>(c)] - before[static_cast<size_t>(c)];
        if (change >= threshold) {
          set(row, c);
        } else if (falling && change <= -threshold) {
          set(row, columns + c);
        }
      }
    }
  };
  if (flat) {
    encode(0, reader.count());  // one packed row: one thread
  } else {
    run_pieces(execution, reader.count(), encode);
  }
  return spikes;
}

}  // namespace omega::compute
