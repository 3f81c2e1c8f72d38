// SPDX-License-Identifier: Apache-2.0
// States of a batch laid out for sparse weights: those of one neuron side by side.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>

#include "omega/compute/arrays/array.h"
#include "omega/compute/kernels/reservoir_loops.h"

namespace omega::compute {

/// Inputs of sparse weights and states of a batch, some of them side by side: for each part of the batch a row of its lanes for each input and each neuron. A
/// batch of one has one lane.
template <class T>
class SideBySide {
 public:
  /// `inputs` are those of sparse weights.
  SideBySide(int64_t inputs, int64_t neurons, int64_t batch)
      : inputs_(inputs),
        neurons_(neurons),
        batch_(batch),
        most_(reservoir_loops().of<T>().part_lanes),
        lanes_(batch == 1 ? 1 : (batch + kLaneMultiple<T> - 1) / kLaneMultiple<T> * kLaneMultiple<T>),
        numbers_(element_type_of<T>(), {rows(), lanes_}) {
    std::fill_n(numbers_.template as<T>(), rows() * lanes_, T{0});
  }

  [[nodiscard]] int64_t parts() const { return (lanes_ + most_ - 1) / most_; }
  [[nodiscard]] int64_t lanes(int64_t part) const { return std::min(most_, lanes_ - part * most_); }
  [[nodiscard]] T* part(int64_t part) { return numbers_.template as<T>() + part * most_ * rows(); }
  [[nodiscard]] T* neurons(int64_t part_number) { return part(part_number) + inputs_ * lanes(part_number); }
  /// Lanes of no state become 0.
  void clear_padding() {
    const int64_t last = parts() - 1;
    const int64_t used = batch_ - last * most_;
    for (int64_t row = 0; row < rows() && used < lanes(last); ++row) {
      std::fill(part(last) + row * lanes(last) + used, part(last) + (row + 1) * lanes(last), T{0});
    }
  }

  /// From B x I and B x N: inputs or neurons [first, first + count) of all states.
  void take_inputs(const T* from, int64_t first, int64_t count) {
    for (int64_t p = 0; p < parts(); ++p) {
      transpose(from + p * most_ * inputs_ + first, inputs_, batch(p), count, part(p) + first * lanes(p), lanes(p));
    }
  }
  void take_neurons(const T* from, int64_t first, int64_t count) {
    for (int64_t p = 0; p < parts(); ++p) {
      transpose(from + p * most_ * neurons_ + first, neurons_, batch(p), count, neurons(p) + first * lanes(p), lanes(p));
    }
  }
  /// To B x N.
  void give_neurons(T* to, int64_t first, int64_t count) {
    for (int64_t p = 0; p < parts(); ++p) {
      transpose(neurons(p) + first * lanes(p), lanes(p), count, batch(p), to + p * most_ * neurons_ + first, neurons_);
    }
  }
  /// Whether none of them is infinite or no number.
  [[nodiscard]] bool inputs_are_finite(int64_t first, int64_t count) { return rows_are_finite(first, count); }
  [[nodiscard]] bool neurons_are_finite(int64_t first, int64_t count) { return rows_are_finite(inputs_ + first, count); }

 private:
  [[nodiscard]] bool rows_are_finite(int64_t first, int64_t count) {
    bool finite = true;
    for (int64_t p = 0; p < parts(); ++p) {
      finite = finite && reservoir_loops().of<T>().all_finite(part(p) + first * lanes(p), count * lanes(p));
    }
    return finite;
  }
  /// States of a part.
  [[nodiscard]] int64_t batch(int64_t part) const { return std::min(most_, batch_ - part * most_); }
  static void transpose(const T* from, int64_t from_stride, int64_t rows, int64_t columns, T* to, int64_t to_stride) {
    reservoir_loops().of<T>().transpose(from, from_stride, rows, columns, to, to_stride);
  }
  [[nodiscard]] int64_t rows() const { return inputs_ + neurons_; }

  int64_t inputs_;
  int64_t neurons_;
  int64_t batch_;
  int64_t most_;  ///< lanes of a part
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
