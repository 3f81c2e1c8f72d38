// SPDX-License-Identifier: Apache-2.0
// Steps of reservoirs whose states are numbers.
#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/reservoir_state.h"

namespace omega::compute {

namespace {

ActivationLoop loop_of(Activation::Kind kind) {
  return kind == Activation::Kind::none ? ActivationLoop::none : kind == Activation::Kind::tanh ? ActivationLoop::tanh : ActivationLoop::leaky_tanh;
}

/// States that pass through a panel together.
constexpr int64_t kBatchBlock = 48;

template <class T>
void step_dense(const ReservoirOf<T>& reservoir, int64_t batch, const T* states, const T* spikes, const Activation& activation, T* outputs,
                const Execution& execution) {
  const int64_t blocks = (batch + kBatchBlock - 1) / kBatchBlock;
  const ReservoirLoopsOf<T>& loops = reservoir_loops().of<T>();
  run_pieces(execution, reservoir.panels.count() * blocks, [&](int64_t begin, int64_t end) {
    const FlushSubnormals flush;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = i % blocks * kBatchBlock;
      const int64_t column = i / blocks * kPanelColumns<T>;
      loops.panel({.panel = reservoir.panels.panel(i / blocks),
                   .first = spikes + row * reservoir.inputs,
                   .first_stride = reservoir.inputs,
                   .first_count = reservoir.inputs,
                   .second = states + row * reservoir.neurons,
                   .second_stride = reservoir.neurons,
                   .second_count = reservoir.neurons,
                   .states = states + row * reservoir.neurons + column,
                   .outputs = outputs + row * reservoir.neurons + column,
                   .output_stride = reservoir.neurons,
                   .rows = std::min(kBatchBlock, batch - row),
                   .columns = std::min(kPanelColumns<T>, reservoir.neurons - column),
                   .activation = loop_of(activation.kind),
                   .leak = static_cast<T>(activation.leak)});
    }
  });
}

/// Inputs and states of a batch, side by side: a row of `lanes` numbers for each input, for each neuron, and one of zeros. A batch of one has one lane.
template <class T>
class SideBySide {
 public:
  SideBySide(const ReservoirOf<T>& reservoir, int64_t batch)
      : inputs_(reservoir.inputs),
        neurons_(reservoir.neurons),
        batch_(batch),
        lanes_(batch == 1 ? 1 : (batch + kLaneMultiple - 1) / kLaneMultiple * kLaneMultiple),
        numbers_(element_type_of<T>(), {inputs_ + neurons_ + 1, lanes_}) {
    std::fill_n(numbers_.template as<T>(), (inputs_ + neurons_ + 1) * lanes_, T{0});
  }

  [[nodiscard]] int64_t lanes() const { return lanes_; }
  [[nodiscard]] const T* numbers() const { return numbers_.template as<T>(); }
  [[nodiscard]] int64_t count() const { return (inputs_ + neurons_) * lanes_; }
  [[nodiscard]] T* neurons() { return numbers_.template as<T>() + inputs_ * lanes_; }
  void take_inputs(const T* rows, const Execution& execution) { move_in(rows, inputs_, numbers_.template as<T>(), execution); }
  void take_states(const T* rows, const Execution& execution) { move_in(rows, neurons_, neurons(), execution); }
  void give_states(T* rows, const Execution& execution) {
    run_pieces(execution, (neurons_ + kStrip - 1) / kStrip, [&](int64_t begin, int64_t end) {
      const int64_t first = begin * kStrip;
      reservoir_loops().of<T>().transpose(neurons() + first * lanes_, lanes_, std::min(end * kStrip, neurons_) - first, batch_, rows + first, neurons_);
    });
  }

 private:
  static constexpr int64_t kStrip = 64;

  void move_in(const T* rows, int64_t columns, T* to, const Execution& execution) {
    run_pieces(execution, (columns + kStrip - 1) / kStrip, [&](int64_t begin, int64_t end) {
      const int64_t first = begin * kStrip;
      reservoir_loops().of<T>().transpose(rows + first, columns, batch_, std::min(end * kStrip, columns) - first, to + first * lanes_, lanes_);
    });
  }

  int64_t inputs_;
  int64_t neurons_;
  int64_t batch_;
  int64_t lanes_;
  Array numbers_;
};

/// Weights that are not kept are 0, and 0 times what is infinite or no number is no number: writes that where a neuron lacks a weight for such a presynaptic
/// number.
template <class T>
void mark_lost_products(const LanesTask<T>& task, int64_t rows) {
  for (int64_t lane = 0; lane < task.lanes; ++lane) {
    const auto odd = [&](int64_t k) { return !(task.states[k * task.lanes + lane] * T{0} == T{0}); };
    int64_t all = 0;
    for (int64_t k = 0; k < rows; ++k) {
      all += odd(k) ? 1 : 0;
    }
    for (int64_t group = task.begin; group < task.end && all > 0; ++group) {
      for (int64_t r = 0; r < kGroupRows; ++r) {
        int64_t kept = 0;
        for (int64_t j = task.weights.first[group]; j < task.weights.first[group + 1]; ++j) {
          const int32_t column = task.weights.columns[j * kGroupRows + r];
          kept += column < rows && odd(column) ? 1 : 0;
        }
        const int32_t neuron = task.weights.rows[group * kGroupRows + r];
        if (neuron >= 0 && kept < all) {
          task.outputs[neuron * task.lanes + lane] = std::numeric_limits<T>::quiet_NaN();
        }
      }
    }
  }
}

template <class T>
void run_sparse(const ReservoirOf<T>& reservoir, int64_t steps, int64_t batch, const T* states, const T* spikes, const Activation& activation, T* trajectory,
                const Execution& execution) {
  const Groups<T>& groups = reservoir.groups();
  const ReservoirLoopsOf<T>& loops = reservoir_loops().of<T>();
  SideBySide<T> now(reservoir, batch);
  SideBySide<T> next(reservoir, batch);
  now.take_states(states, execution);
  const int64_t presynaptic = reservoir.inputs + reservoir.neurons;
  for (int64_t t = 0; t < steps; ++t) {
    now.take_inputs(spikes + t * batch * reservoir.inputs, execution);
    const auto task_of = [&](int64_t begin, int64_t end) {
      return LanesTask<T>{groups.weights(),
                          begin,
                          end,
                          now.numbers(),
                          now.lanes(),
                          reservoir.inputs,
                          next.neurons(),
                          loop_of(activation.kind),
                          static_cast<T>(activation.leak)};
    };
    run_pieces(execution, groups.count(), [&](int64_t begin, int64_t end) {
      const FlushSubnormals flush;
      (batch == 1 ? loops.single : loops.lanes)(task_of(begin, end));
    });
    if (!loops.all_finite(now.numbers(), now.count())) {
      mark_lost_products(task_of(0, groups.count()), presynaptic);
    }
    next.give_states(trajectory + t * batch * reservoir.neurons, execution);
    std::swap(now, next);
  }
}

}  // namespace

template <class T>
void ReservoirOf<T>::run(int64_t steps, int64_t batch, const void* states, const void* spikes, const Activation& activation, void* trajectory,
                         const Execution& execution) const {
  const T* before = static_cast<const T*>(states);
  const T* given = static_cast<const T*>(spikes);
  T* after = static_cast<T*>(trajectory);
  if (is_sparse) {
    run_sparse(*this, steps, batch, before, given, activation, after, execution);
    return;
  }
  for (int64_t t = 0; t < steps; ++t) {
    step_dense(*this, batch, before, given, activation, after, execution);
    before = after;
    after += batch * neurons;
    given += batch * inputs;
  }
}

template void ReservoirOf<float>::run(int64_t, int64_t, const void*, const void*, const Activation&, void*, const Execution&) const;
template void ReservoirOf<double>::run(int64_t, int64_t, const void*, const void*, const Activation&, void*, const Execution&) const;

}  // namespace omega::compute
