// SPDX-License-Identifier: Apache-2.0
// Steps of reservoirs of spiking neurons: work for what spiked, not for what did not.
#include <algorithm>
#include <bit>
#include <memory>
#include <utility>
#include <vector>

#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/lif_parameters.h"
#include "omega/compute/kernels/reservoir_state.h"

namespace omega::compute {

namespace {

/// Neurons of dense weights that are computed together: whole words of spikes and whole panels, few enough that the weights of a thousand presynaptic numbers
/// stay in the second cache while the states pass.
constexpr int64_t kDenseUnit = 64;
/// States that pass a panel one after the other while it is in the nearest caches.
constexpr int64_t kMostStates = 4;
/// Weights up to this size [bytes] stay in a core's own cache: then the steps of each state of a batch run one after another on one core.
constexpr size_t kCoreCache = size_t{1} << 20;

/// Presynaptic numbers of the bits of a row, ascending; `at` has room for all.
int32_t* put_events(const uint64_t* row, int64_t words, int64_t base, int32_t* at) {
  for (int64_t w = 0; w < words; ++w) {
    const auto first = static_cast<int32_t>(base + 64 * w);
    for (uint64_t word = row[w]; word != 0; word &= word - 1) {
      *at++ = first + std::countr_zero(word);
    }
  }
  return at;
}

/// Presynaptic numbers that spiked: inputs first, then neurons.
struct Events {
  const int32_t* numbers;
  int64_t inputs;
  int64_t all;
};

template <class T>
class LifRun {
 public:
  LifRun(const ReservoirOf<T>& reservoir, const SpikeArray& spikes, const LifParameters& parameters, const LifBatch& batch, SpikeArray* raster)
      : reservoir_(reservoir),
        spikes_(spikes),
        constants_(lif_constants<T>(parameters)),
        batch_(batch),
        raster_(raster),
        potentials_(static_cast<T*>(batch.potentials)),
        unit_(reservoir.is_sparse ? EventBlocks<T>::kBlockNeurons : kDenseUnit),
        blocks_(reservoir.is_sparse ? &reservoir.event_blocks() : nullptr) {}

  [[nodiscard]] int64_t units() const { return (reservoir_.neurons + unit_ - 1) / unit_; }
  /// Events that one state can have in a step.
  [[nodiscard]] int64_t most_events() const { return reservoir_.inputs + reservoir_.neurons; }

  /// Lists what spiked before step `t` of state `b`.
  Events list_events(int64_t t, int64_t b, int32_t* events) const {
    int32_t* const middle = put_events(spikes_.row(t * batch_.batch + b), spikes_.words_per_row(), 0, events);
    // Where the input weights are not among the sparse ones, neurons count from 0 there.
    const int64_t base = blocks_ != nullptr ? reservoir_.input.rows() : reservoir_.inputs;
    int32_t* const end = put_events(batch_.fired->row(b), batch_.fired->words_per_row(), base, middle);
    return {events, middle - events, end - events};
  }

  /// The step of some neurons of `states` states from `b` on, at most kMostStates.
  void advance(int64_t unit, int64_t b, int64_t states, const Events* events) const {
    alignas(64) T sums[kMostStates][EventBlocks<T>::kBlockSums];
    const int64_t first = unit * unit_;
    const int64_t neurons = std::min(unit_, reservoir_.neurons - first);
    for (int64_t s = 0; s < states; ++s) {
      std::fill_n(sums[s], unit_, T{0});
    }
    const ReservoirLoopsOf<T>& loops = reservoir_loops().of<T>();
    for (int64_t column = 0; column < neurons && !reservoir_.has_sparse_inputs; column += kPanelColumns<T>) {
      const T* const panel = reservoir_.panels.panel((first + column) / kPanelColumns<T>);
      for (int64_t s = 0; s < states; ++s) {
        loops.add_panel_rows(panel, events[s].numbers, in_panels(events[s]), sums[s] + column);
      }
    }
    for (int64_t s = 0; s < states; ++s) {
      if (blocks_ != nullptr) {
        const int64_t done = in_panels(events[s]);
        loops.add_events(blocks_->first(unit), blocks_->targets(), blocks_->values(), events[s].numbers + done, events[s].all - done, sums[s]);
      }
      const int64_t at = (b + s) * reservoir_.neurons + first;
      neuron_loops().of<T>().lif(sums[s], potentials_ + at, batch_.waits + at, neurons, constants_, batch_.fired->mutable_row(b + s) + first / 64);
    }
  }

  void record(int64_t t, int64_t b) const {
    if (raster_ != nullptr) {
      std::copy_n(batch_.fired->row(b), batch_.fired->words_per_row(), raster_->mutable_row(t * batch_.batch + b));
    }
  }

  /// Each state on one thread, all steps one after another.
  void run_by_state(int64_t steps, const Execution& execution) const {
    run_pieces(execution, batch_.batch, [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      std::vector<int32_t> events(static_cast<size_t>(most_events()));
      for (int64_t b = begin; b < end; ++b) {
        for (int64_t t = 0; t < steps; ++t) {
          stop_if_requested(execution);
          const Events listed = list_events(t, b, events.data());
          for (int64_t unit = 0; unit < units(); ++unit) {
            advance(unit, b, 1, &listed);
          }
          record(t, b);
        }
      }
    });
  }

  /// All states step by step: the weights of a unit are read once for all of them.
  void run_by_step(int64_t steps, const Execution& execution) const {
    std::unique_ptr<base::PodVector<int32_t>> memory = reservoir_.spare_events.take();
    if (memory == nullptr) {
      memory = std::make_unique<base::PodVector<int32_t>>();
    }
    memory->resize(static_cast<size_t>(batch_.batch * most_events()));
    int32_t* const events = memory->data();
    std::vector<Events> lists(static_cast<size_t>(batch_.batch));
    for (int64_t t = 0; t < steps; ++t) {
      run_pieces(execution, batch_.batch, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) {
          lists[static_cast<size_t>(b)] = list_events(t, b, events + b * most_events());
        }
      });
      const int64_t parts = (batch_.batch + kMostStates - 1) / kMostStates;
      run_pieces(execution, units() * parts, [&](int64_t begin, int64_t end) {
        const FlushSubnormals flush;
        for (int64_t i = begin; i < end; ++i) {
          const int64_t b = i % parts * kMostStates;
          advance(i / parts, b, std::min(kMostStates, batch_.batch - b), lists.data() + b);
        }
      });
      for (int64_t b = 0; b < batch_.batch; ++b) {
        record(t, b);
      }
    }
    reservoir_.spare_events.give(std::move(memory));
  }

 private:
  /// How many of the events, from the first on, have their weights in panels.
  [[nodiscard]] int64_t in_panels(const Events& events) const { return blocks_ == nullptr ? events.all : reservoir_.has_sparse_inputs ? 0 : events.inputs; }

  const ReservoirOf<T>& reservoir_;
  const SpikeArray& spikes_;
  LifConstants<T> constants_;
  const LifBatch& batch_;
  SpikeArray* raster_;
  T* potentials_;
  int64_t unit_;
  const EventBlocks<T>* blocks_;
};

}  // namespace

template <class T>
void ReservoirOf<T>::run_lif(int64_t steps, const SpikeArray& spikes, const LifParameters& parameters, const LifBatch& batch, SpikeArray* raster,
                             const Execution& execution) const {
  const LifRun<T> run(*this, spikes, parameters, batch, raster);
  const bool enough_states = steps > 1 && batch.batch >= static_cast<int64_t>(execution.where().threads()) && byte_size() <= kCoreCache;
  if (enough_states || (batch.batch == 1 && run.units() == 1)) {
    run.run_by_state(steps, execution);
  } else {
    run.run_by_step(steps, execution);
  }
}

template void ReservoirOf<float>::run_lif(int64_t, const SpikeArray&, const LifParameters&, const LifBatch&, SpikeArray*, const Execution&) const;
template void ReservoirOf<double>::run_lif(int64_t, const SpikeArray&, const LifParameters&, const LifBatch&, SpikeArray*, const Execution&) const;

}  // namespace omega::compute
