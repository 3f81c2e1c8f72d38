// SPDX-License-Identifier: Apache-2.0
// Steps of reservoirs of spiking neurons in bfloat16: rows of weights are added for what spiked.
#include <algorithm>
#include <bit>

#include "omega/compute/kernels/bfloat16_reservoir.h"
#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/lif_parameters.h"

namespace omega::compute {

namespace {

/// Neurons that are computed together: a word of spikes, two panels.
constexpr int64_t kUnit = 64;
static_assert(kUnit == 2 * kBfloat16Columns);
/// States that pass a unit one after the other, while its weights are in the nearest caches.
constexpr int64_t kMostStates = 4;
/// Weights up to this size [bytes] stay in a core's own cache: then the steps of each state of a batch run one after another on one core.
constexpr size_t kCoreCache = size_t{1} << 20;

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

class Bfloat16LifRun {
 public:
  Bfloat16LifRun(const Bfloat16Reservoir& reservoir, const SpikeArray& spikes, const LifParameters& parameters, const LifBatch& batch, SpikeArray* raster)
      : reservoir_(reservoir), panels_(reservoir.panels()), spikes_(spikes), constants_(lif_constants<float>(parameters)), batch_(batch), raster_(raster) {}

  [[nodiscard]] int64_t units() const { return (reservoir_.neurons + kUnit - 1) / kUnit; }

  /// Each state on one thread, all steps one after another.
  void run_by_state(int64_t steps, const Execution& execution) const {
    run_pieces(execution, batch_.batch, [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      SpikeList list(panels_.rows());
      for (int64_t b = begin; b < end; ++b) {
        for (int64_t t = 0; t < steps; ++t) {
          stop_if_requested(execution);
          fill(list, t, b);
          for (int64_t unit = 0; unit < units(); ++unit) {
            advance(unit, b, list);
          }
          record(t, b);
        }
      }
    });
  }

  /// All states step by step: the weights of a unit are read once for some of them.
  void run_by_step(int64_t steps, const Execution& execution) const {
    std::vector<SpikeList> lists(static_cast<size_t>(batch_.batch), SpikeList(panels_.rows()));
    const int64_t parts = (batch_.batch + kMostStates - 1) / kMostStates;
    for (int64_t t = 0; t < steps; ++t) {
      run_pieces(execution, batch_.batch, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) {
          fill(lists[static_cast<size_t>(b)], t, b);
        }
      });
      run_pieces(execution, units() * parts, [&](int64_t begin, int64_t end) {
        const FlushSubnormals flush;
        for (int64_t i = begin; i < end; ++i) {
          const int64_t first = i % parts * kMostStates;
          for (int64_t b = first; b < std::min(first + kMostStates, batch_.batch); ++b) {
            advance(i / parts, b, lists[static_cast<size_t>(b)]);
          }
        }
      });
      for (int64_t b = 0; b < batch_.batch; ++b) {
        record(t, b);
      }
    }
  }

 private:
  /// Lists what spiked before step `t` of state `b`.
  void fill(SpikeList& list, int64_t t, int64_t b) const {
    list.clear();
    list.append(spikes_.row(t * batch_.batch + b), spikes_.words_per_row(), 0);
    list.append(batch_.fired->row(b), batch_.fired->words_per_row(), panels_.first_neuron());
    list.close();
  }

  /// The step of the neurons of a unit.
  void advance(int64_t unit, int64_t b, const SpikeList& list) const {
    alignas(64) float sums[kUnit];
    bfloat16_loops().add_events(panels_.panel(2 * unit), panels_.panel_size(), list.events(), sums);
    const int64_t at = b * reservoir_.neurons + unit * kUnit;
    const int64_t neurons = std::min(kUnit, reservoir_.neurons - unit * kUnit);
    neuron_loops().of<float>().lif(sums, static_cast<float*>(batch_.potentials) + at, batch_.waits + at, neurons, constants_,
                                   batch_.fired->mutable_row(b) + unit);
  }

  void record(int64_t t, int64_t b) const {
    if (raster_ != nullptr) {
      std::copy_n(batch_.fired->row(b), batch_.fired->words_per_row(), raster_->mutable_row(t * batch_.batch + b));
    }
  }

  const Bfloat16Reservoir& reservoir_;
  const Bfloat16Panels& panels_;
  const SpikeArray& spikes_;
  LifConstants<float> constants_;
  const LifBatch& batch_;
  SpikeArray* raster_;
};

}  // namespace

void Bfloat16Reservoir::run_lif(int64_t steps, const SpikeArray& spikes, const LifParameters& parameters, const LifBatch& batch, SpikeArray* raster,
                                const Execution& execution) const {
  const Bfloat16LifRun run(*this, spikes, parameters, batch, raster);
  const bool enough_states = steps > 1 && batch.batch >= static_cast<int64_t>(execution.where().threads()) && byte_size() <= kCoreCache;
  if (enough_states || (batch.batch == 1 && run.units() == 1)) {
    run.run_by_state(steps, execution);
  } else {
    run.run_by_step(steps, execution);
  }
}

}  // namespace omega::compute
