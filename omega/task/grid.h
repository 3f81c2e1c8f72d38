// SPDX-License-Identifier: Apache-2.0
// Grid: how a computation whose result depends on grouping is grouped, by its size alone.
#pragma once

#include <cstddef>

#include "omega/task/loop_core.h"

namespace omega::task {

/// Cuts [0, count) into at most 1,025 blocks of equal size, the last one smaller. Depends on nothing but `count`, so that sums of floating
/// point numbers have the same bits at every thread count and in every run.
class Grid {
 public:
  explicit constexpr Grid(size_t count) noexcept : count_(count), block_(loop_core::om_grid_cell(count)) {}

  /// How many blocks there are; 0 for an empty range.
  [[nodiscard]] constexpr size_t blocks() const noexcept { return (count_ + block_ - 1) / block_; }
  [[nodiscard]] constexpr size_t begin(size_t block) const noexcept { return block * block_; }
  [[nodiscard]] constexpr size_t end(size_t block) const noexcept { return count_ - begin(block) < block_ ? count_ : begin(block) + block_; }

 private:
  size_t count_;
  size_t block_;
};

}  // namespace omega::task
