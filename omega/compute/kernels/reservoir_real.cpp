// SPDX-License-Identifier: Apache-2.0
// Steps of reservoirs whose states are numbers.
#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "omega/base/pod_vector.h"
#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/reservoir_state.h"
#include "omega/compute/kernels/turning_order.h"

namespace omega::compute {

namespace {

/// How the work of a step is cut: all states pass a panel before the next one is read, except that the panels of small reservoirs, which stay in the cache, are
/// too few to be shared evenly, and states are shared too.
struct Cut {
  bool by_panel;
  int64_t panels;
  int64_t row_blocks;
  int64_t rows;  ///< of a block

  Cut(int64_t panel_count, int64_t batch)
      : by_panel(panel_count >= 8),
        panels(panel_count),
        row_blocks((batch + most() - 1) / most()),
        rows(row_blocks == 0 ? 0 : (batch + row_blocks - 1) / row_blocks) {}

  [[nodiscard]] int64_t most() const { return by_panel ? 48 : 8; }
  [[nodiscard]] int64_t panel(int64_t i) const { return by_panel ? i / row_blocks : i % panels; }
  [[nodiscard]] int64_t row(int64_t i) const { return (by_panel ? i % row_blocks : i / panels) * rows; }
};

/// The inputs of a batch that are not 0, where they are few and the weights finite, so that leaving out the rest changes nothing.
template <class T>
class Listing {
 public:
  Listing(const ReservoirOf<T>& reservoir, int64_t batch, const T* inputs) {
    const int64_t most = batch * reservoir.inputs;
    if (!reservoir.has_finite_inputs || most == 0) {
      return;
    }
    const ReservoirLoopsOf<T>& loops = reservoir_loops().of<T>();
    numbers_.resize(static_cast<size_t>(most));
    values_.resize(static_cast<size_t>(most));
    first_.resize(static_cast<size_t>(batch) + 1);
    first_[0] = 0;
    int64_t count = 0;
    for (int64_t b = 0; b < batch; ++b) {
      count += loops.list(inputs + b * reservoir.inputs, reservoir.inputs, numbers_.data() + count, values_.data() + count);
      first_[static_cast<size_t>(b) + 1] = count;
      if (count > most / kFew) {
        return;
      }
    }
    listed_ = {first_.data(), numbers_.data(), values_.data()};
    is_short_ = true;
  }

  /// Null: the inputs are not few.
  [[nodiscard]] const ListedInputs<T>* listed() const { return is_short_ ? &listed_ : nullptr; }

 private:
  static constexpr int64_t kFew = 4;

  base::PodVector<int64_t> first_;
  base::PodVector<int32_t> numbers_;
  base::PodVector<T> values_;
  ListedInputs<T> listed_{};
  bool is_short_ = false;
};

/// What goes through the panels: inputs, and states where the recurrent weights are dense.
template <class T>
struct DenseStep {
  const ReservoirOf<T>& reservoir;
  int64_t batch;
  const T* spikes;
  const T* states;
  int64_t state_count;  ///< neurons, or 0: no states go through
  ActivationLoop activation;
  T leak;
  T* outputs;

  /// Panels [begin, end) of all states.
  void run_panels(int64_t begin, int64_t end, const Listing<T>& listing) const {
    for (int64_t panel = begin; panel < end; ++panel) {
      run_block(panel, 0, batch, listing.listed());
    }
  }

  void run(const Execution& execution) const {
    const Listing<T> listing(reservoir, batch, spikes);
    const Cut cut(reservoir.panels.count(), batch);
    const TurningOrder order(cut.panels * cut.row_blocks, execution, reservoir.steps_begun);
    run_pieces(execution, order.count(), [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      for (int64_t at = begin; at < end; ++at) {
        const int64_t i = order.piece(at);
        run_block(cut.panel(i), cut.row(i), std::min(cut.rows, batch - cut.row(i)), listing.listed());
      }
    });
  }

 private:
  void run_block(int64_t panel, int64_t row, int64_t rows, const ListedInputs<T>* listed) const {
    const int64_t column = panel * kPanelColumns<T>;
    const int64_t neurons = reservoir.neurons;
    reservoir_loops().of<T>().panel({.panel = reservoir.panels.panel(panel),
                                     .listed = listed,
                                     .listed_row = row,
                                     .first = spikes + row * reservoir.inputs,
                                     .first_stride = reservoir.inputs,
                                     .first_count = reservoir.inputs,
                                     .second = states + row * neurons,
                                     .second_stride = neurons,
                                     .second_count = state_count,
                                     .states = states + row * neurons + column,
                                     .outputs = outputs + row * neurons + column,
                                     .output_stride = neurons,
                                     .rows = rows,
                                     .columns = std::min(kPanelColumns<T>, neurons - column),
                                     .activation = activation,
                                     .leak = leak});
  }
};

/// Weights that are not kept are 0, and 0 times what is infinite or no number is no number: writes that where a neuron lacks a weight for such a presynaptic
/// number.
template <class T>
void mark_lost_products(const ReservoirOf<T>& reservoir, const T* states, int64_t lanes, T* outputs) {
  const int64_t inputs = reservoir.input.rows();
  std::vector<uint8_t> lost(static_cast<size_t>(reservoir.neurons));
  for (int64_t lane = 0; lane < lanes; ++lane) {
    const auto is_odd = [&](int64_t k) { return !(states[k * lanes + lane] * T{0} == T{0}); };
    std::fill(lost.begin(), lost.end(), uint8_t{0});
    for (int64_t k = 0; k < inputs; ++k) {
      if (is_odd(k)) {
        auto column = reservoir.input.column_numbers().begin() + reservoir.input.first()[static_cast<size_t>(k)];
        const auto end = reservoir.input.column_numbers().begin() + reservoir.input.first()[static_cast<size_t>(k) + 1];
        for (int32_t n = 0; n < reservoir.neurons; ++n) {
          const bool kept = column != end && *column == n;
          column += kept ? 1 : 0;
          lost[static_cast<size_t>(n)] |= kept ? 0 : 1;
        }
      }
    }
    int64_t all = 0;
    for (int64_t k = 0; k < reservoir.neurons; ++k) {
      all += is_odd(inputs + k) ? 1 : 0;
    }
    for (size_t n = 0; n < lost.size(); ++n) {
      int64_t kept = 0;
      for (int64_t e = reservoir.recurrent.first()[n]; e < reservoir.recurrent.first()[n + 1] && all > 0; ++e) {
        kept += is_odd(inputs + reservoir.recurrent.column_numbers()[static_cast<size_t>(e)]) ? 1 : 0;
      }
      if (lost[n] != 0 || kept < all) {
        outputs[static_cast<int64_t>(n) * lanes + lane] = std::numeric_limits<T>::quiet_NaN();
      }
    }
  }
}

/// Steps with sparse recurrent weights: inputs through panels where their weights are dense, all else side by side. A window of neurons goes through all of a
/// step before the next one, while its numbers are in the cache.
template <class T>
class SparseSteps {
 public:
  SparseSteps(const ReservoirOf<T>& reservoir, int64_t batch, const Activation& activation, const Execution& execution)
      : reservoir_(reservoir),
        batch_(batch),
        activation_(activation),
        execution_(execution),
        groups_(reservoir.groups()),
        unit_(windows_of_unit(groups_.windows(), execution)),
        memory_(reservoir.spare_memory.take()) {
    if (memory_ == nullptr || memory_->batch != batch) {
      memory_ = std::make_unique<SparseMemory<T>>(reservoir.input.rows(), reservoir.neurons, batch);
    }
    memory_->now.clear_padding();
    memory_->next.clear_padding();
  }
  ~SparseSteps() { reservoir_.spare_memory.give(std::move(memory_)); }
  SparseSteps(const SparseSteps&) = delete;
  SparseSteps& operator=(const SparseSteps&) = delete;

  void begin(const T* states) {
    neurons_are_finite_ = for_windows(reservoir_.neurons, 1, [&](int64_t first, int64_t count) {
      memory_->now.take_neurons(states, first, count);
      return memory_->now.neurons_are_finite(first, count);
    });
  }

  void step(const T* spikes, T* outputs) {
    SideBySide<T>& now = memory_->now;
    SideBySide<T>& next = memory_->next;
    bool finite = neurons_are_finite_;
    std::optional<Listing<T>> listing;
    if (reservoir_.has_sparse_inputs) {
      finite &= for_windows(reservoir_.inputs, 1, [&](int64_t first, int64_t count) {
        now.take_inputs(spikes, first, count);
        return now.inputs_are_finite(first, count);
      });
    } else {
      listing.emplace(reservoir_, batch_, spikes);
    }
    neurons_are_finite_ = for_windows(reservoir_.neurons, unit_, [&](int64_t first, int64_t count) {
      const FlushSubnormals flush;
      if (listing) {
        const DenseStep<T> inputs{reservoir_, batch_, spikes, outputs, 0, ActivationLoop::none, T{0}, outputs};
        inputs.run_panels(first / kPanelColumns<T>, (first + count + kPanelColumns<T> - 1) / kPanelColumns<T>, *listing);
        next.take_neurons(outputs, first, count);
      }
      run_windows(first / kWindowNeurons, (first + count + kWindowNeurons - 1) / kWindowNeurons);
      next.give_neurons(outputs, first, count);
      return next.neurons_are_finite(first, count);
    });
    if (!finite) {
      mark_lost(outputs);
    }
    std::swap(now, next);
  }

 private:
  static_assert(kWindowNeurons % kPanelColumns<T> == 0);

  /// Windows that go through a block of columns one after the other, while its states are in the first cache: few enough that all threads have some.
  static int64_t windows_of_unit(int64_t windows, const Execution& execution) {
    constexpr int64_t kMost = 4;
    const auto threads = static_cast<int64_t>(execution.where().threads());
    return std::clamp<int64_t>(windows / (kMost * threads), 1, kMost);
  }

  /// Calls `work(first, count)` for units of that many windows of [0, size), in parallel where that pays. Whether all of them say so.
  template <class Work>
  bool for_windows(int64_t size, int64_t windows, Work&& work) const {
    std::atomic<bool> all{true};
    const int64_t unit = windows * kWindowNeurons;
    run_pieces(execution_, (size + unit - 1) / unit, [&](int64_t begin, int64_t end) {
      for (int64_t first = begin * unit; first < std::min(end * unit, size); first += unit) {
        if (!work(first, std::min(unit, size - first))) {
          all.store(false, std::memory_order_relaxed);
        }
      }
    });
    return all.load(std::memory_order_relaxed);
  }

  /// Windows [begin, end) of all states: one part after the other, so that its states stay in the second cache while the weights pass.
  void run_windows(int64_t begin, int64_t end) {
    const ReservoirLoopsOf<T>& loops = reservoir_loops().of<T>();
    const auto run = batch_ == 1 ? loops.single : loops.lanes;
    for (int64_t part = 0; part < memory_->now.parts(); ++part) {
      for (int64_t block = 0; block < groups_.blocks(); ++block) {
        for (int64_t window = begin; window < end; ++window) {
          run(task_of(window, block, part));
        }
      }
      const int64_t first = begin * kWindowNeurons;
      activate(part, first, std::min(end * kWindowNeurons, reservoir_.neurons) - first);
    }
  }

  /// Turns the sums of neurons [first, first + count) into their states.
  void activate(int64_t part, int64_t first, int64_t count) {
    const NeuronLoopsOf<T>& loops = neuron_loops().of<T>();
    const int64_t lanes = memory_->now.lanes(part);
    T* const sums = memory_->next.neurons(part) + first * lanes;
    const T* const states = memory_->now.neurons(part) + first * lanes;
    switch (activation_.kind) {
      case Activation::Kind::none: break;
      case Activation::Kind::tanh: loops.tanh(sums, sums, count * lanes); break;
      case Activation::Kind::leaky_tanh: loops.leaky_tanh(sums, states, static_cast<T>(activation_.leak), sums, count * lanes); break;
    }
  }

  void mark_lost(T* outputs) {
    SideBySide<T>& now = memory_->now;
    for (int64_t part = 0; part < now.parts(); ++part) {
      mark_lost_products(reservoir_, now.part(part), now.lanes(part), memory_->next.neurons(part));
    }
    memory_->next.give_neurons(outputs, 0, reservoir_.neurons);
    neurons_are_finite_ = false;
  }

  LanesTask<T> task_of(int64_t window, int64_t block, int64_t part) {
    const int64_t first = groups_.group(window, block);
    SideBySide<T>& now = memory_->now;
    return {.weights = groups_.weights(),
            .begin = first,
            .end = first + kWindowGroups,
            .states = now.part(part) + groups_.column(block) * now.lanes(part),
            .lanes = now.lanes(part),
            .outputs = memory_->next.neurons(part),
            .begins = block == 0 && reservoir_.has_sparse_inputs};
  }

  const ReservoirOf<T>& reservoir_;
  int64_t batch_;
  const Activation& activation_;
  const Execution& execution_;
  const Groups<T>& groups_;
  int64_t unit_;  ///< windows
  std::unique_ptr<SparseMemory<T>> memory_;
  bool neurons_are_finite_ = true;  ///< those of memory_->now
};

}  // namespace

template <class T>
void ReservoirOf<T>::run(int64_t steps, int64_t batch, const void* states, const void* spikes, const Activation& activation, void* trajectory,
                         const Execution& execution) const {
  const T* given = static_cast<const T*>(spikes);
  T* after = static_cast<T*>(trajectory);
  if (is_sparse) {
    SparseSteps<T> sparse(*this, batch, activation, execution);
    sparse.begin(static_cast<const T*>(states));
    for (int64_t t = 0; t < steps; ++t) {
      sparse.step(given + t * batch * inputs, after + t * batch * neurons);
    }
    return;
  }
  const T* before = static_cast<const T*>(states);
  for (int64_t t = 0; t < steps; ++t) {
    DenseStep<T>{*this, batch, given + t * batch * inputs, before, neurons, loop_of(activation.kind), static_cast<T>(activation.leak), after}.run(execution);
    before = after;
    after += batch * neurons;
  }
}

template void ReservoirOf<float>::run(int64_t, int64_t, const void*, const void*, const Activation&, void*, const Execution&) const;
template void ReservoirOf<double>::run(int64_t, int64_t, const void*, const void*, const Activation&, void*, const Execution&) const;

}  // namespace omega::compute
