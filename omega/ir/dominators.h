// SPDX-License-Identifier: Apache-2.0
// Predecessors, orders and dominators of a function's blocks.
#pragma once

#include "omega/ir/ir.h"

namespace omega::ir {

/// The control flow of one function, computed once; does not follow later changes. Blocks that the entry cannot reach have no
/// reverse-post-order number and are dominated by nothing.
struct ControlFlow {
  explicit ControlFlow(const Function& function);

  /// Blocks in reverse post-order, reachable ones only, entry first.
  base::PodVector<BlockId> order;
  /// Position in `order`; kNone for unreachable blocks.
  base::PodVector<uint32_t> position;
  /// Immediate dominator; the entry's is itself, kNone for unreachable blocks.
  base::PodVector<BlockId> immediate_dominator;
  /// Predecessors of block b: pred_list[pred_first[b] .. pred_first[b + 1]); one that branches to b on both ways stands twice.
  base::PodVector<uint32_t> pred_first;
  base::PodVector<BlockId> pred_list;

  bool reachable(BlockId b) const { return position[b] != kNone; }
  std::span<const BlockId> predecessors(BlockId b) const { return {pred_list.data() + pred_first[b], pred_first[b + 1] - pred_first[b]}; }
  /// True when every way from the entry to `b` goes through `a` (also when a == b). Both reachable. Constant time.
  bool dominates(BlockId a, BlockId b) const { return enter_[a] <= enter_[b] && leave_[b] <= leave_[a]; }

 private:
  void find_order(const Function& function);
  void find_predecessors(const Function& function);
  void find_dominators();
  void number_tree();

  base::PodVector<uint32_t> enter_;
  base::PodVector<uint32_t> leave_;
};

}  // namespace omega::ir
