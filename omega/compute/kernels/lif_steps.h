// SPDX-License-Identifier: Apache-2.0
// How steps of a batch of spiking neurons are shared among threads, whatever their weights lie in.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/reservoir_state.h"
#include "omega/compute/kernels/turning_order.h"

namespace omega::compute {

/// States that pass a unit of neurons one after the other, while its weights are in the nearest caches.
inline constexpr int64_t kLifStates = 4;

/// What every run over spiking neurons is given; its arrays outlive it.
struct LifSteps {
  int64_t steps;
  const SpikeArray& spikes;  ///< steps * B rows
  const LifBatch& batch;
  SpikeArray* raster;  ///< as `spikes`, or null

  /// What came into state `b` in step `t`.
  [[nodiscard]] const uint64_t* inputs(int64_t t, int64_t b) const { return spikes.row(t * batch.batch + b); }
  void record(int64_t t, int64_t b) const {
    if (raster != nullptr) {
      std::copy_n(batch.fired->row(b), batch.fired->words_per_row(), raster->mutable_row(t * batch.batch + b));
    }
  }
};

/// Each state on one thread, all steps one after another.
template <class Neurons>
void run_by_state(const LifSteps& run, const Neurons& neurons, const Execution& execution) {
  run_pieces(execution, run.batch.batch, [&](int64_t begin, int64_t end) {
    const FlushSubnormals flush;
    typename Neurons::Lists lists(neurons, 1);
    for (int64_t b = begin; b < end; ++b) {
      for (int64_t t = 0; t < run.steps; ++t) {
        stop_if_requested(execution);
        lists.fill(0, t, b);
        for (int64_t unit = 0; unit < neurons.units(); ++unit) {
          neurons.advance(unit, b, 1, lists, 0);
        }
        run.record(t, b);
      }
    }
  });
}

/// All states step by step: the weights of a unit are read once for some of them.
template <class Neurons>
void run_by_step(const LifSteps& run, const Neurons& neurons, std::atomic<uint32_t>& steps_begun, const Execution& execution) {
  const int64_t states = run.batch.batch;
  const int64_t parts = (states + kLifStates - 1) / kLifStates;
  typename Neurons::Lists lists(neurons, states);
  for (int64_t t = 0; t < run.steps; ++t) {
    run_pieces(execution, states, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) {
        lists.fill(b, t, b);
      }
    });
    const TurningOrder order(neurons.units() * parts, execution, steps_begun);
    run_pieces(execution, order.count(), [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      for (int64_t at = begin; at < end; ++at) {
        const int64_t i = order.piece(at);
        const int64_t b = i % parts * kLifStates;
        neurons.advance(i / parts, b, std::min(kLifStates, states - b), lists, b);
      }
    });
    for (int64_t b = 0; b < states; ++b) {
      run.record(t, b);
    }
  }
}

/// Runs the steps. `Neurons` has `units()`, parts of its neurons that are computed together; `Lists(neurons, count)`, whose `fill(i, t, b)` makes list i that
/// of what spikes in step t before state b, from several threads for different lists; and `advance(unit, b, states, lists, i)`, the step of the unit of states
/// [b, b + states), at most kLifStates, by the lists from i on.
template <class Neurons>
void run_lif_steps(const LifSteps& run, const Neurons& neurons, const PreparedReservoir::State& reservoir, const Execution& execution) {
  constexpr size_t kCoreCache = size_t{1} << 20;  // weights that stay in a core's own cache
  const bool enough_states = run.steps > 1 && run.batch.batch >= static_cast<int64_t>(execution.where().threads()) && reservoir.byte_size() <= kCoreCache;
  if (enough_states || (run.batch.batch == 1 && neurons.units() == 1)) {
    run_by_state(run, neurons, execution);
  } else {
    run_by_step(run, neurons, reservoir.steps_begun, execution);
  }
}

}  // namespace omega::compute
