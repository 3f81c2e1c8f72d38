// SPDX-License-Identifier: Apache-2.0
// States of a batch laid out for sparse weights: those of one neuron side by side.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>

#include "omega/compute/arrays/array.h"
#include "omega/compute/kernels/execution.h"
#include "omega/compute/kernels/reservoir_loops.h"

namespace omega::compute {

/// Inputs of sparse weights and states of a batch, some of them side by side: for each part of the batch a row of its lanes for each input, for each neuron,
/// and one of zeros. A batch of one has one lane.
template <class T>
class SideBySide {
 public:
  /// `inputs` are those of sparse weights.
  SideBySide(int64_t inputs, int64_t neurons, int64_t batch)
      : inputs_(inputs),
        neurons_(neurons),
        batch_(batch),
        lanes_(batch == 1 ? 1 : (batch + kLaneMultiple<T> - 1) / kLaneMultiple<T> * kLaneMultiple<T>),
        numbers_(element_type_of<T>(), {rows(), lanes_}) {
    std::fill_n(numbers_.template as<T>(), rows() * lanes_, T{0});
  }

  [[nodiscard]] int64_t inputs() const { return inputs_; }
  [[nodiscard]] int64_t parts() const { return (lanes_ + kMostLanes<T> - 1) / kMostLanes<T>; }
  [[nodiscard]] int64_t lanes(int64_t part) const { return std::min(kMostLanes<T>, lanes_ - part * kMostLanes<T>); }
  [[nodiscard]] T* part(int64_t part) { return numbers_.template as<T>() + part * kMostLanes<T> * rows(); }
  [[nodiscard]] T* neurons(int64_t part_number) { return part(part_number) + inputs_ * lanes(part_number); }
  [[nodiscard]] bool all_finite() const { return reservoir_loops().of<T>().all_finite(numbers_.template as<T>(), rows() * lanes_); }

  /// Lanes of no state become 0.
  void clear_padding() {
    const int64_t last = parts() - 1;
    const int64_t used = batch_ - last * kMostLanes<T>;
    for (int64_t row = 0; row < rows() && used < lanes(last); ++row) {
      std::fill(part(last) + row * lanes(last) + used, part(last) + (row + 1) * lanes(last), T{0});
    }
  }

  void take_inputs(const T* from, const Execution& execution) {
    for_strips(inputs_, execution, [&](int64_t first, int64_t count, int64_t p, int64_t batch) {
      transpose(from + p * kMostLanes<T> * inputs_ + first, inputs_, batch, count, part(p) + first * lanes(p), lanes(p));
    });
  }
  void take_states(const T* from, const Execution& execution) {
    for_strips(neurons_, execution, [&](int64_t first, int64_t count, int64_t p, int64_t batch) {
      transpose(from + p * kMostLanes<T> * neurons_ + first, neurons_, batch, count, neurons(p) + first * lanes(p), lanes(p));
    });
  }
  void give_states(T* to, const Execution& execution) {
    for_strips(neurons_, execution, [&](int64_t first, int64_t count, int64_t p, int64_t batch) {
      transpose(neurons(p) + first * lanes(p), lanes(p), count, batch, to + p * kMostLanes<T> * neurons_ + first, neurons_);
    });
  }

 private:
  static void transpose(const T* from, int64_t from_stride, int64_t rows, int64_t columns, T* to, int64_t to_stride) {
    reservoir_loops().of<T>().transpose(from, from_stride, rows, columns, to, to_stride);
  }
  /// Calls `move(first, count, part, states of the part)` for strips of the rows of each part.
  template <class Move>
  void for_strips(int64_t count, const Execution& execution, Move&& move) const {
    constexpr int64_t kStrip = 256;
    const int64_t strips = (count + kStrip - 1) / kStrip;
    run_pieces(execution, strips * parts(), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = i % strips * kStrip;
        const int64_t p = i / strips;
        move(first, std::min(kStrip, count - first), p, std::min(kMostLanes<T>, batch_ - p * kMostLanes<T>));
      }
    });
  }
  [[nodiscard]] int64_t rows() const { return inputs_ + neurons_ + 1; }

  int64_t inputs_;
  int64_t neurons_;
  int64_t batch_;
  int64_t lanes_;
  Array numbers_;
};

/// What steps with sparse weights write to.
template <class T>
struct SparseMemory {
  int64_t batch;
  SideBySide<T> now;
  SideBySide<T> next;

  SparseMemory(int64_t inputs, int64_t neurons, int64_t states) : batch(states), now(inputs, neurons, states), next(inputs, neurons, states) {}
};

/// One object kept for the next who needs one; who finds none makes another. Any thread.
template <class T>
class Spare {
 public:
  Spare() = default;
  ~Spare() { delete kept_.load(std::memory_order_acquire); }
  Spare(const Spare&) = delete;
  Spare& operator=(const Spare&) = delete;

  /// Null: there is none.
  [[nodiscard]] std::unique_ptr<T> take() const { return std::unique_ptr<T>(kept_.exchange(nullptr, std::memory_order_acq_rel)); }
  void give(std::unique_ptr<T> object) const { delete kept_.exchange(object.release(), std::memory_order_acq_rel); }

 private:
  mutable std::atomic<T*> kept_{nullptr};
};

}  // namespace omega::compute
