// SPDX-License-Identifier: Apache-2.0
// The order in which weights that every step needs are read.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "omega/compute/kernels/execution.h"

namespace omega::compute {

/// The order of pieces of work whose weights are read again by the next step: what a thread reads forwards in one step it reads backwards in the next, and
/// finds in its core's cache what it read last.
class TurningOrder {
 public:
  /// `steps` counts the steps that have begun, in this call and earlier ones.
  TurningOrder(int64_t count, const Execution& execution, std::atomic<uint32_t>& steps)
      : count_(count),
        stretch_(std::max<int64_t>(count / execution.where().threads(), 1)),
        backwards_(steps.fetch_add(1, std::memory_order_relaxed) % 2 != 0) {}

  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] int64_t piece(int64_t at) const {
    const int64_t begin = at - at % stretch_;
    return backwards_ ? begin + std::min(begin + stretch_, count_) - 1 - at : at;
  }

 private:
  int64_t count_;
  int64_t stretch_;  ///< about what one thread takes
  bool backwards_;
};

}  // namespace omega::compute
