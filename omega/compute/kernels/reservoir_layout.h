// SPDX-License-Identifier: Apache-2.0
// The weights of a reservoir in the layouts that its loops read. Input weights and recurrent ones are one matrix: presynaptic numbers below I are inputs, the
// rest neurons.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "omega/base/pod_vector.h"
#include "omega/compute/arrays/array.h"
#include "omega/compute/arrays/sparse.h"
#include "omega/compute/kernels/reservoir_loops.h"

namespace omega::compute {

/// Dense weights, kPanelColumns neurons to a panel; a panel has a row for each presynaptic number. Neurons that do not exist have weights 0.
template <class T>
class Panels {
 public:
  Panels() = default;
  /// From matrices of type T: I x N and N x N, row i of which holds what goes into neuron i; or N x 0, for the input weights alone.
  Panels(const ArrayView& input, const ArrayView& recurrent);

  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] const T* panel(int64_t i) const { return weights_.as<T>() + i * rows_ * kPanelColumns<T>; }
  /// Of a presynaptic number to a neuron.
  [[nodiscard]] T weight(int64_t from, int64_t neuron) const { return panel(neuron / kPanelColumns<T>)[from * kPanelColumns<T> + neuron % kPanelColumns<T>]; }
  [[nodiscard]] size_t byte_size() const { return static_cast<size_t>(count_ * rows_ * kPanelBytes); }

 private:
  int64_t count_ = 0;
  int64_t rows_ = 0;
  Array weights_;
};

/// Sparse weights by postsynaptic neuron: row n holds those of its inputs, then those of the neurons before it.
struct JoinedRows {
  std::vector<int64_t> first{0};
  std::vector<int32_t> columns;
  Array values;
};
/// From sparse matrices N x I (transposed input weights) and N x N.
JoinedRows join_rows(const SparseMatrix& input_transposed, const SparseMatrix& recurrent);

/// Sparse weights for real states: GroupedWeights and their memory. Neurons come in windows, columns in blocks; a window has kWindowGroups groups in each
/// block, in which rows of like length share a group.
template <class T>
class Groups {
 public:
  Groups() = default;
  /// `columns` of the joined rows exist.
  Groups(const JoinedRows& rows, int64_t columns);

  [[nodiscard]] int64_t windows() const { return windows_; }
  [[nodiscard]] int64_t blocks() const { return blocks_; }
  /// The first column of a block.
  [[nodiscard]] int64_t column(int64_t block) const { return block * block_columns_; }
  /// The first group of a window in a block.
  [[nodiscard]] int64_t group(int64_t window, int64_t block) const { return (window * blocks_ + block) * kWindowGroups; }
  [[nodiscard]] GroupedWeights<T> weights() const { return {first_.data(), columns_.data(), values_.data(), rows_.data()}; }

 private:
  void put_window(const JoinedRows& rows, int64_t window, int64_t block);

  int64_t windows_ = 0;
  int64_t blocks_ = 0;
  int64_t block_columns_ = kLeastColumns;
  std::vector<int64_t> first_{0};
  base::PodVector<uint16_t> columns_;
  base::PodVector<T> values_;
  std::vector<int32_t> rows_;
};

/// Sparse weights for spikes, by presynaptic number, kBlockNeurons postsynaptic neurons to a block.
template <class T>
class EventBlocks {
 public:
  static constexpr int64_t kBlockNeurons = 2048;
  /// Sums of a block: those of its neurons, and one that takes what fills events up; whole cache lines.
  static constexpr int64_t kBlockSums = kBlockNeurons + kLaneMultiple<T>;

  EventBlocks() = default;
  /// The same matrix with presynaptic rows: I x N and N x N (transposed recurrent weights).
  EventBlocks(const SparseMatrix& input, const SparseMatrix& recurrent_transposed);

  [[nodiscard]] int64_t count() const { return blocks_; }
  /// Beginnings of the presynaptic rows of a block, for ReservoirLoopsOf::add_events.
  [[nodiscard]] const int64_t* first(int64_t block) const { return first_.data() + block * (rows_ + 1); }
  [[nodiscard]] const uint16_t* targets() const { return targets_.data(); }
  [[nodiscard]] const T* values() const { return values_.data(); }

 private:
  int64_t rows_ = 0;
  int64_t blocks_ = 0;
  std::vector<int64_t> first_;
  base::PodVector<uint16_t> targets_;
  base::PodVector<T> values_;
};

}  // namespace omega::compute
