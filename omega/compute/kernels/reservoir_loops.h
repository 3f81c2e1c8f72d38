// SPDX-License-Identifier: Apache-2.0
// The innermost loops of reservoirs, for one instruction set. What goes into a neuron is added one product after the other, inputs first, each by its number:
// the bits depend neither on the layout nor on how many states are computed together.
#pragma once

#include <cstdint>

#include "omega/compute/kernels/instruction_choice.h"

namespace omega::compute {

/// Bytes of a row of a panel: that many neurons' weights lie side by side.
inline constexpr int64_t kPanelBytes = 256;
template <class T>
inline constexpr int64_t kPanelColumns = kPanelBytes / static_cast<int64_t>(sizeof(T));
/// Rows of sparse weights that are computed side by side.
inline constexpr int64_t kGroupRows = 8;
/// States computed side by side with sparse weights come in multiples of this, a cache line, and at most so many together.
template <class T>
inline constexpr int64_t kLaneMultiple = 64 / static_cast<int64_t>(sizeof(T));
template <class T>
inline constexpr int64_t kMostLanes = 128 / static_cast<int64_t>(sizeof(T));

enum class ActivationLoop : uint8_t { none, tanh, leaky_tanh };

/// Inputs that are not 0, row by row: those of row b are number[first[b]] … number[first[b + 1] - 1], ascending.
template <class T>
struct ListedInputs {
  const int64_t* first;
  const int32_t* number;
  const T* value;
};

/// States times one panel of dense weights: outputs = activation(first @ panel's first rows + second @ the rows behind them).
template <class T>
struct PanelTask {
  const T* panel;
  const ListedInputs<T>* listed;  ///< take the place of `first`, of which the count remains; or null
  int64_t listed_row;             ///< where the rows of this task begin in it
  const T* first;
  int64_t first_stride;  ///< elements from one row to the next, in all that follows
  int64_t first_count;   ///< columns of `first`
  const T* second;
  int64_t second_stride;
  int64_t second_count;
  const T* states;  ///< what leaky_tanh leaks from, at the columns of the outputs
  T* outputs;
  int64_t output_stride;
  int64_t rows;
  int64_t columns;  ///< of the outputs, at most kPanelColumns
  ActivationLoop activation;
  T leak;
};

/// Sparse weights in groups of kGroupRows rows: element j of row r of a group is at (first[group] + j) * kGroupRows + r; columns count from the first of the
/// group's block. Short rows are filled up with 0 in a column where they have no weight.
template <class T>
struct GroupedWeights {
  const int64_t* first;
  const uint16_t* columns;
  const T* values;
  const int32_t* rows;  ///< neuron of each row of each group; -1: none
};
/// Groups that cover the same neurons in each block of columns.
inline constexpr int64_t kWindowGroups = 16;
/// Neurons of a window; whole panels.
inline constexpr int64_t kWindowNeurons = kWindowGroups * kGroupRows;
/// Columns of a block at least: so many rows of states stay in the nearest caches, and a row has enough weights to be worth beginning.
inline constexpr int64_t kLeastColumns = 384;
/// And at most: their numbers have 16 bits.
inline constexpr int64_t kMostColumns = 1 << 16;

/// Many states, side by side, and groups of one block: a row of `lanes` numbers for each column or neuron. The sums are what goes into the neurons; what
/// they do with it follows when the last block is through.
template <class T>
struct LanesTask {
  GroupedWeights<T> weights;
  int64_t begin;  ///< groups
  int64_t end;
  const T* states;  ///< of the block's columns
  int64_t lanes;    ///< a multiple of kLaneMultiple, at most kMostLanes
  T* outputs;       ///< of all neurons
  bool begins;      ///< the sums begin at 0, not at the outputs
};

/// Elements of an event are taken so many at once.
inline constexpr int64_t kEventMultiple = 4;

template <class T>
struct ReservoirLoopsOf {
  void (*panel)(const PanelTask<T>& task);
  /// Lists what is not 0, numbers and values; returns how many.
  int64_t (*list)(const T* elements, int64_t count, int32_t* numbers, T* values);
  void (*lanes)(const LanesTask<T>& task);
  /// Lanes of a task that suit them best where there are so many states: kLaneMultiple or kMostLanes.
  int64_t part_lanes;
  /// One state: `lanes` is 1.
  void (*single)(const LanesTask<T>& task);
  /// to[c * to_stride + r] = from[r * from_stride + c].
  void (*transpose)(const T* from, int64_t from_stride, int64_t rows, int64_t columns, T* to, int64_t to_stride);
  /// Whether none is infinite or no number.
  bool (*all_finite)(const T* values, int64_t count);
  /// sums[c] += panel's row events[i] at c, for all events in order.
  void (*add_panel_rows)(const T* panel, const int32_t* events, int64_t count, T* sums);
  /// For all events in order, for the elements e from first[event] to first[event + 1]: sums[targets[e]] += values[e]. Elements of an event come in multiples
  /// of kEventMultiple, of which those that have the same target come behind all others and are 0.
  void (*add_events)(const int64_t* first, const uint16_t* targets, const T* values, const int32_t* events, int64_t count, T* sums);
};

using ReservoirLoops = FloatLoops<ReservoirLoopsOf>;

/// Those for the processor.
const ReservoirLoops& reservoir_loops();

}  // namespace omega::compute
