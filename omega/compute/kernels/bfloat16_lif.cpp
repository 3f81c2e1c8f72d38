// SPDX-License-Identifier: Apache-2.0
// Steps of reservoirs of spiking neurons in bfloat16: rows of weights are added for what spiked.
#include <algorithm>
#include <bit>

#include "omega/compute/kernels/bfloat16_reservoir.h"
#include "omega/compute/kernels/lif_parameters.h"
#include "omega/compute/kernels/lif_steps.h"

namespace omega::compute {

namespace {

/// Neurons that are computed together: a word of spikes, two panels.
constexpr int64_t kUnit = 64;
static_assert(kUnit == 2 * kBfloat16Columns);

/// What spiked before a step of one state.
class SpikeList {
 public:
  /// For as many presynaptic numbers at most.
  explicit SpikeList(int64_t most) : rows_(static_cast<size_t>(most + kBfloat16EventsAhead)), counts_(static_cast<size_t>(most / kBfloat16Block)) {}

  /// Nothing spiked.
  void clear() { count_ = blocks_ = 0; }
  /// The spikes of a row, whose first one has presynaptic number `base`, which begins a block.
  void append(const uint64_t* row, int64_t words, int64_t base) {
    for (int64_t w = 0; w < words; ++w) {
      append_block(static_cast<uint32_t>(row[w]), base + 64 * w);
      append_block(static_cast<uint32_t>(row[w] >> 32), base + 64 * w + kBfloat16Block);
    }
  }
  /// All spikes are there.
  void close() { std::fill_n(rows_.data() + count_, kBfloat16EventsAhead, 0); }
  [[nodiscard]] Bfloat16Events events() const { return {rows_.data(), counts_.data(), blocks_}; }

 private:
  static constexpr uint32_t kEven = 0x55555555;

  void append_block(uint32_t spikes, int64_t first) {
    if (spikes == 0) {
      return;
    }
    const uint8_t even = append_rows(spikes & kEven, first);
    const uint8_t odd = append_rows(spikes & ~kEven, first);
    counts_[static_cast<size_t>(blocks_++)] = {even, odd};
  }
  uint8_t append_rows(uint32_t spikes, int64_t first) {
    const auto count = static_cast<uint8_t>(std::popcount(spikes));
    for (; spikes != 0; spikes &= spikes - 1) {
      rows_[static_cast<size_t>(count_++)] = static_cast<int32_t>((first + std::countr_zero(spikes)) / 2);
    }
    return count;
  }

  base::PodVector<int32_t> rows_;
  base::PodVector<Bfloat16Events::Count> counts_;
  int64_t count_ = 0;
  int64_t blocks_ = 0;
};

class Bfloat16LifNeurons {
 public:
  /// What spikes before a step of each of some states.
  class Lists {
   public:
    Lists(const Bfloat16LifNeurons& neurons, int64_t count) : neurons_(neurons), lists_(static_cast<size_t>(count), SpikeList(neurons.panels_.rows())) {}

    void fill(int64_t list, int64_t t, int64_t b) {
      const LifSteps& run = neurons_.run_;
      SpikeList& spikes = lists_[static_cast<size_t>(list)];
      spikes.clear();
      spikes.append(run.inputs(t, b), run.spikes.words_per_row(), 0);
      spikes.append(run.batch.fired->row(b), run.batch.fired->words_per_row(), neurons_.panels_.first_neuron());
      spikes.close();
    }
    [[nodiscard]] Bfloat16Events events(int64_t list) const { return lists_[static_cast<size_t>(list)].events(); }

   private:
    const Bfloat16LifNeurons& neurons_;
    std::vector<SpikeList> lists_;
  };

  Bfloat16LifNeurons(const Bfloat16Reservoir& reservoir, const LifParameters& parameters, const LifSteps& run)
      : reservoir_(reservoir), panels_(reservoir.panels()), run_(run), constants_(lif_constants<float>(parameters)) {}

  [[nodiscard]] int64_t units() const { return (reservoir_.neurons + kUnit - 1) / kUnit; }

  /// The step of the neurons of a unit of states [b, b + states), by the lists from `list` on.
  void advance(int64_t unit, int64_t b, int64_t states, const Lists& lists, int64_t list) const {
    const LifBatch& batch = run_.batch;
    const int64_t count = std::min(kUnit, reservoir_.neurons - unit * kUnit);
    for (int64_t s = 0; s < states; ++s) {
      alignas(64) float sums[kUnit];
      bfloat16_loops().add_events(panels_.panel(2 * unit), panels_.panel_size(), lists.events(list + s), sums);
      const int64_t at = (b + s) * reservoir_.neurons + unit * kUnit;
      neuron_loops().of<float>().lif(sums, static_cast<float*>(batch.potentials) + at, batch.waits + at, count, constants_,
                                     batch.fired->mutable_row(b + s) + unit);
    }
  }

 private:
  const Bfloat16Reservoir& reservoir_;
  const Bfloat16Panels& panels_;
  const LifSteps& run_;
  LifConstants<float> constants_;
};

}  // namespace

void Bfloat16Reservoir::run_lif(int64_t steps, const SpikeArray& spikes, const LifParameters& parameters, const LifBatch& batch, SpikeArray* raster,
                                const Execution& execution) const {
  const LifSteps run{steps, spikes, batch, raster};
  run_lif_steps(run, Bfloat16LifNeurons(*this, parameters, run), *this, execution);
}

}  // namespace omega::compute
