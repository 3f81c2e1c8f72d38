// SPDX-License-Identifier: Apache-2.0
#include "omega/compile/post_dominators.h"

#include <algorithm>

#include "omega/ir/op_info.h"

namespace omega::compile {

using ir::BlockId;
using ir::Inst;
using ir::kNone;

PostDominators::PostDominators(const ir::Function& function, const ir::ControlFlow& flow)
    : exit_(static_cast<uint32_t>(function.blocks.size())), parent_(exit_ + 1, kNone), order_(exit_ + 1, kNone) {
  std::vector<std::vector<uint32_t>> after(exit_);
  for (const BlockId b : flow.order) {
    const Inst& end = function.insts[function.blocks[b].end - 1];
    if (end.op == ir::Op::Ret) {
      after[b].push_back(exit_);
    }
    ir::for_each_successor(function, end, [&](BlockId target, std::span<const uint32_t>) { after[b].push_back(target); });
  }
  number(after);
  parent_[exit_] = exit_;
  for (bool changed = true; changed;) {
    changed = false;
    for (const uint32_t b : backward_) {
      uint32_t meet = kNone;
      for (const uint32_t next : after[b]) {
        if (parent_[next] != kNone) {
          meet = meet == kNone ? next : common(meet, next);
        }
      }
      changed |= parent_[b] != meet;
      parent_[b] = meet;
    }
  }
}

/// Numbers blocks by a walk from the exit against the edges; those from which it cannot be reached get none.
void PostDominators::number(const std::vector<std::vector<uint32_t>>& after) {
  std::vector<std::vector<uint32_t>> before(exit_ + 1);
  for (uint32_t b = 0; b < after.size(); ++b) {
    for (const uint32_t next : after[b]) {
      before[next].push_back(b);
    }
  }
  std::vector<std::pair<uint32_t, size_t>> stack{{exit_, 0}};
  std::vector<bool> seen(exit_ + 1, false);
  seen[exit_] = true;
  std::vector<uint32_t> finished;
  while (!stack.empty()) {
    auto& [b, next] = stack.back();
    if (next == before[b].size()) {
      finished.push_back(b);
      stack.pop_back();
      continue;
    }
    const uint32_t to = before[b][next++];
    if (!seen[to]) {
      seen[to] = true;
      stack.emplace_back(to, 0);
    }
  }
  std::ranges::reverse(finished);
  for (uint32_t i = 0; i < finished.size(); ++i) {
    order_[finished[i]] = i;
    if (finished[i] != exit_) {
      backward_.push_back(finished[i]);
    }
  }
}

uint32_t PostDominators::common(uint32_t a, uint32_t b) const {
  while (a != b) {
    while (order_[a] > order_[b]) {
      a = parent_[a];
    }
    while (order_[b] > order_[a]) {
      b = parent_[b];
    }
  }
  return a;
}

}  // namespace omega::compile
