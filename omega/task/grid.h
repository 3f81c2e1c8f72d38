// SPDX-License-Identifier: Apache-2.0
// Grid: how a computation whose result depends on grouping is grouped, by its size alone.
#pragma once

#include <cstddef>

namespace omega::task {

/// Cuts [0, count) into at most 1,025 blocks of equal size, the last one smaller. Depends on nothing but `count`, so that sums of floating
/// point numbers have the same bits at every thread count and in every run.
class Grid {
 public:
  explicit constexpr Grid(size_t count) noexcept : count_(count), block_(block_for(count)) {}

  /// How many blocks there are; 0 for an empty range.
  [[nodiscard]] constexpr size_t blocks() const noexcept { return (count_ + block_ - 1) / block_; }
  [[nodiscard]] constexpr size_t begin(size_t block) const noexcept { return block * block_; }
  [[nodiscard]] constexpr size_t end(size_t block) const noexcept {
    return count_ - begin(block) < block_ ? count_ : begin(block) + block_;
  }

 private:
  /// Up to 128 items one each, since they may be large pieces of work; then 128 blocks until a block has 128 items; then up to 1,024.
  static constexpr size_t block_for(size_t count) noexcept {
    if (count <= 128) {
      return 1;
    }
    if (count <= 16384) {
      return (count + 127) / 128;
    }
    return count <= 131072 ? 128 : count / 1024 + (count % 1024 != 0 ? 1 : 0);
  }

  size_t count_;
  size_t block_;
};

}  // namespace omega::task
