// SPDX-License-Identifier: Apache-2.0
// Steps of reservoirs of spiking neurons: work for what spiked, not for what did not.
#include <algorithm>
#include <bit>
#include <memory>
#include <utility>
#include <vector>

#include "omega/compute/kernels/lif_parameters.h"
#include "omega/compute/kernels/lif_steps.h"
#include "omega/compute/kernels/reservoir_state.h"

namespace omega::compute {

namespace {

/// Neurons of dense weights that are computed together: whole words of spikes and whole panels, few enough that the weights of a thousand presynaptic numbers
/// stay in the second cache while the states pass.
constexpr int64_t kDenseUnit = 64;

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
class LifNeurons {
 public:
  class Lists;

  LifNeurons(const ReservoirOf<T>& reservoir, const LifParameters& parameters, const LifSteps& run)
      : reservoir_(reservoir),
        run_(run),
        constants_(lif_constants<T>(parameters)),
        potentials_(static_cast<T*>(run.batch.potentials)),
        unit_(reservoir.is_sparse ? EventBlocks<T>::kBlockNeurons : kDenseUnit),
        blocks_(reservoir.is_sparse ? &reservoir.event_blocks() : nullptr) {}

  [[nodiscard]] int64_t units() const { return (reservoir_.neurons + unit_ - 1) / unit_; }

  /// The step of the neurons of a unit of states [b, b + states), by the lists from `list` on.
  void advance(int64_t unit, int64_t b, int64_t states, const Lists& lists, int64_t list) const {
    const Events* const events = lists.events(list);
    const LifBatch& batch = run_.batch;
    alignas(64) T sums[kLifStates][EventBlocks<T>::kBlockSums];
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
      neuron_loops().of<T>().lif(sums[s], potentials_ + at, batch.waits + at, neurons, constants_, batch.fired->mutable_row(b + s) + first / 64);
    }
  }

 private:
  /// How many of the events, from the first on, have their weights in panels.
  [[nodiscard]] int64_t in_panels(const Events& events) const { return blocks_ == nullptr ? events.all : reservoir_.has_sparse_inputs ? 0 : events.inputs; }

  const ReservoirOf<T>& reservoir_;
  const LifSteps& run_;
  LifConstants<T> constants_;
  T* potentials_;
  int64_t unit_;
  const EventBlocks<T>* blocks_;
};

/// What spikes before a step of each of some states, in memory that the reservoir keeps between calls.
template <class T>
class LifNeurons<T>::Lists {
 public:
  Lists(const LifNeurons& neurons, int64_t count)
      : neurons_(neurons),
        most_(neurons.reservoir_.inputs + neurons.reservoir_.neurons),
        memory_(neurons.reservoir_.spare_events.take()),
        lists_(static_cast<size_t>(count)) {
    if (memory_ == nullptr) {
      memory_ = std::make_unique<base::PodVector<int32_t>>();
    }
    memory_->resize(static_cast<size_t>(count * most_));
  }
  Lists(const Lists&) = delete;
  Lists& operator=(const Lists&) = delete;
  ~Lists() { neurons_.reservoir_.spare_events.give(std::move(memory_)); }

  void fill(int64_t list, int64_t t, int64_t b) {
    const ReservoirOf<T>& reservoir = neurons_.reservoir_;
    const LifSteps& run = neurons_.run_;
    int32_t* const events = memory_->data() + list * most_;
    int32_t* const middle = put_events(run.inputs(t, b), run.spikes.words_per_row(), 0, events);
    // Where the input weights are not among the sparse ones, neurons count from 0 there.
    const int64_t base = reservoir.is_sparse ? reservoir.input.rows() : reservoir.inputs;
    int32_t* const end = put_events(run.batch.fired->row(b), run.batch.fired->words_per_row(), base, middle);
    lists_[static_cast<size_t>(list)] = {events, middle - events, end - events};
  }
  [[nodiscard]] const Events* events(int64_t list) const { return lists_.data() + list; }

 private:
  const LifNeurons& neurons_;
  int64_t most_;  ///< events that one state can have in a step
  std::unique_ptr<base::PodVector<int32_t>> memory_;
  std::vector<Events> lists_;
};

}  // namespace

template <class T>
void ReservoirOf<T>::run_lif(int64_t steps, const SpikeArray& spikes, const LifParameters& parameters, const LifBatch& batch, SpikeArray* raster,
                             const Execution& execution) const {
  const LifSteps run{steps, spikes, batch, raster};
  run_lif_steps(run, LifNeurons<T>(*this, parameters, run), *this, execution);
}

template void ReservoirOf<float>::run_lif(int64_t, const SpikeArray&, const LifParameters&, const LifBatch&, SpikeArray*, const Execution&) const;
template void ReservoirOf<double>::run_lif(int64_t, const SpikeArray&, const LifParameters&, const LifBatch&, SpikeArray*, const Execution&) const;

}  // namespace omega::compute
