// SPDX-License-Identifier: Apache-2.0
// The innermost loops of reservoirs in bfloat16, for one instruction set; bfloat16.h has the order of their sums.
#pragma once

#include <cstddef>
#include <cstdint>

#include "omega/compute/kernels/bfloat16.h"
#include "omega/compute/kernels/reservoir_loops.h"

namespace omega::compute {

/// Neurons of a panel, side by side.
inline constexpr int64_t kBfloat16Columns = 32;
/// States of one task at most: their sums stay in the nearest cache.
inline constexpr int64_t kBfloat16Rows = 32;

/// States times one panel: outputs = activation(states @ panel).
struct Bfloat16PanelTask {
  const uint32_t* panel;
  const std::byte* states;  ///< as Bfloat16Products::round leaves them; behind the rows there is room for kBfloat16Rows more, of anything
  int64_t state_stride;     ///< numbers from one row to the next
  int64_t blocks;           ///< of kBfloat16Block presynaptic numbers
  const float* before;      ///< what leaky_tanh leaks from, at the columns of the outputs
  float* outputs;
  int64_t output_stride;  ///< of `before` too
  int64_t rows;           ///< at most kBfloat16Rows
  int64_t columns;        ///< at most kBfloat16Columns
  ActivationLoop activation;
  float leak;
};

/// Products of states that are numbers. States are kept as the loop reads them, in `number_size` bytes each.
struct Bfloat16Products {
  int64_t number_size;
  /// `count` numbers rounded, and zeros behind them up to `room`, which is whole blocks.
  void (*round)(const float* from, int64_t count, int64_t room, std::byte* to);
  void (*panel)(const Bfloat16PanelTask& task);
};

/// Rows of weights are fetched so many events ahead.
inline constexpr int64_t kBfloat16EventsAhead = 6;

/// Presynaptic numbers that spiked, block by block, those of a block even ones first.
struct Bfloat16Events {
  /// Of one block.
  struct Count {
    uint8_t even;
    uint8_t odd;
  };
  const int32_t* rows;  ///< of a panel: half the presynaptic number; behind the last, kBfloat16EventsAhead of any rows
  const Count* counts;  ///< of blocks in which something spiked
  int64_t blocks;
};

struct Bfloat16Loops {
  Bfloat16Products products;
  /// Sums of the weights of what spiked, for the neurons of two panels, the second of which lies `panel_size` behind the first.
  void (*add_events)(const uint32_t* panels, int64_t panel_size, const Bfloat16Events& events, float* sums);
};

/// Those for the processor.
const Bfloat16Loops& bfloat16_loops();
/// For a batch of so many: tiles where there are any, else the vectors of the processor.
const Bfloat16Products& bfloat16_products(int64_t batch);

}  // namespace omega::compute
