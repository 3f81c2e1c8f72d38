// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/plasticity.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

#include "omega/compute/kernels/argument_checks.h"
#include "omega/compute/kernels/neuron_loops.h"

namespace omega::compute {

namespace {

constexpr int64_t kTileColumns = 1024;

bool is_set(const uint64_t* bits, int64_t i) { return (bits[i / 64] >> (i % 64) & 1) != 0; }

template <class Run>
void for_float(ElementType type, Run&& run) {
  if (type == ElementType::float32) {
    run(std::type_identity<float>());
  } else {
    run(std::type_identity<double>());
  }
}

/// `steps` rows of traces for each of `rows` rows; the trace before the first is `before`, or 0 where there is none.
template <class T>
void filter(const SpikeArray& spikes, int64_t steps, int64_t rows, T decay, T increment, const T* before, T* output, const Execution& execution) {
  const int64_t columns = spikes.columns();
  const int64_t tiles = (columns + kTileColumns - 1) / kTileColumns;
  run_pieces(execution, rows * tiles, [&](int64_t begin, int64_t end) {
    const FlushSubnormals flush;
    const T none[kTileColumns] = {};
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i / tiles;
      const int64_t column = i % tiles * kTileColumns;
      const T* last = before != nullptr ? before + row * columns + column : none;
      for (int64_t step = 0; step < steps; ++step) {
        T* const now = output + (step * rows + row) * columns + column;
        neuron_loops().of<T>().decay(last, spikes.row(step * rows + row) + column / 64, std::min(kTileColumns, columns - column), decay, increment, now);
        last = now;
      }
    }
  });
}

template <class T>
struct StdpStep {
  const T* pre_trace;
  const T* post_trace;
  const uint64_t* pre_spikes;
  const uint64_t* post_spikes;
  std::vector<int32_t> pre_events;
  int64_t pre;
  T potentiation;
  T depression;
  T lowest;
  T highest;

  void row(int64_t i, T* weights) const {
    const T loss = depression * post_trace[i];
    if (is_set(post_spikes, i)) {
      neuron_loops().of<T>().potentiate(pre_trace, pre_spikes, pre, potentiation, loss, lowest, highest, weights);
      return;
    }
    for (const int32_t j : pre_events) {
      const T weight = weights[j];
      const T moved = (weight < 0 ? -weight : weight) - loss;
      const T bounded = moved < lowest ? lowest : moved > highest ? highest : moved;
      weights[j] = weight == 0 ? weight : weight < 0 ? -bounded : bounded;
    }
  }
};

template <class T>
StdpStep<T> stdp_of(const SpikeArray& pre_spikes, const SpikeArray& post_spikes, const ArrayView& pre_trace, const ArrayView& post_trace,
                    const StdpParameters& parameters) {
  StdpStep<T> step{.pre_trace = pre_trace.as<T>(),
                   .post_trace = post_trace.as<T>(),
                   .pre_spikes = pre_spikes.row(0),
                   .post_spikes = post_spikes.row(0),
                   .pre_events = {},
                   .pre = pre_spikes.columns(),
                   .potentiation = static_cast<T>(parameters.potentiation),
                   .depression = static_cast<T>(parameters.depression),
                   .lowest = std::max(static_cast<T>(parameters.lowest), std::numeric_limits<T>::min()),
                   .highest = static_cast<T>(parameters.highest)};
  for (int64_t w = 0; w < pre_spikes.words_per_row(); ++w) {
    for (uint64_t word = step.pre_spikes[w]; word != 0; word &= word - 1) {
      step.pre_events.push_back(static_cast<int32_t>(64 * w + std::countr_zero(word)));
    }
  }
  return step;
}

void check_one_row(const char* argument, const SpikeArray& spikes) {
  if (spikes.rows() != 1) {
    throw std::invalid_argument(std::string(argument) + ": its shape is " + spikes.shape().describe() + "; it must be one row");
  }
}

}  // namespace

void decay_traces(const SpikeArray& spikes, double decay, double increment, MutableArrayView traces, const Execution& execution) {
  require_floats("traces", traces.type);
  require_array("traces", traces, traces.type, spikes.shape());
  for_float(traces.type, [&]<class T>(std::type_identity<T>) {
    filter(spikes, 1, spikes.rows(), static_cast<T>(decay), static_cast<T>(increment), traces.as<T>(), traces.as<T>(), execution);
  });
}

void filter_spikes(const SpikeArray& spikes, double decay, double increment, MutableArrayView filtered, const Execution& execution) {
  if (spikes.shape().rank() < 2) {
    throw std::invalid_argument("spikes: their shape is " + spikes.shape().describe() + "; the first axis is time, the last one neurons");
  }
  require_floats("filtered", filtered.type);
  require_array("filtered", filtered, filtered.type, spikes.shape());
  const int64_t steps = spikes.shape()[0];
  if (filtered.count() == 0) {
    return;
  }
  for_float(filtered.type, [&]<class T>(std::type_identity<T>) {
    filter<T>(spikes, steps, spikes.rows() / steps, static_cast<T>(decay), static_cast<T>(increment), nullptr, filtered.as<T>(), execution);
  });
}

void stdp_step(const SpikeArray& pre_spikes, const SpikeArray& post_spikes, const ArrayView& pre_trace, const ArrayView& post_trace,
               const StdpParameters& parameters, MutableArrayView weights, const Execution& execution) {
  check_one_row("pre_spikes", pre_spikes);
  check_one_row("post_spikes", post_spikes);
  const int64_t pre = pre_spikes.columns();
  const int64_t post = post_spikes.columns();
  require_floats("weights", weights.type);
  require_array("weights", weights, weights.type, {post, pre});
  require_array("pre_trace", pre_trace, weights.type, {pre});
  require_array("post_trace", post_trace, weights.type, {post});
  if (!(parameters.lowest >= 0 && parameters.lowest <= parameters.highest)) {
    throw std::invalid_argument("lowest: " + std::to_string(parameters.lowest) + "; bounds of a weight's magnitude are 0 <= lowest <= highest, which is " +
                                std::to_string(parameters.highest));
  }
  for_float(weights.type, [&]<class T>(std::type_identity<T>) {
    const StdpStep<T> step = stdp_of<T>(pre_spikes, post_spikes, pre_trace, post_trace, parameters);
    run_pieces(execution, post, [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      for (int64_t i = begin; i < end; ++i) {
        step.row(i, weights.as<T>() + i * pre);
      }
    });
  });
}

}  // namespace omega::compute
