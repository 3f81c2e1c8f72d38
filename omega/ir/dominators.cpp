// SPDX-License-Identifier: Apache-2.0
// Dominators by iteration over reverse post-order.
#include "omega/ir/dominators.h"

#include <algorithm>

#include "omega/ir/op_info.h"

namespace omega::ir {

ControlFlow::ControlFlow(const Function& function) {
  find_order(function);
  find_predecessors(function);
  find_dominators();
  number_tree();
}

void ControlFlow::find_order(const Function& function) {
  const uint32_t count = static_cast<uint32_t>(function.blocks.size());
  position.resize(count, kNone);
  struct Visit {
    BlockId block;
    uint32_t next;
  };
  base::PodVector<Visit> stack;
  base::PodVector<uint8_t> seen;
  seen.resize(count, uint8_t{0});
  auto successor = [&](BlockId block, uint32_t index) {
    uint32_t found = kNone;
    uint32_t i = 0;
    for_each_successor(function, function.insts[function.blocks[block].end - 1], [&](BlockId target, std::span<const uint32_t>) {
      if (i++ == index) {
        found = target;
      }
    });
    return found;
  };
  stack.push_back({0, 0});
  seen[0] = 1;
  while (!stack.empty()) {
    const uint32_t next = successor(stack.back().block, stack.back().next++);
    if (next == kNone) {
      order.push_back(stack.back().block);
      stack.pop_back();
    } else if (seen[next] == 0) {
      seen[next] = 1;
      stack.push_back({next, 0});
    }
  }
  std::reverse(order.begin(), order.end());
  for (uint32_t i = 0; i < order.size(); ++i) {
    position[order[i]] = i;
  }
}

void ControlFlow::find_predecessors(const Function& function) {
  const uint32_t count = static_cast<uint32_t>(function.blocks.size());
  pred_first.resize(count + 1, 0u);
  auto each_edge = [&](auto&& visit) {
    for (BlockId b = 0; b < count; ++b) {
      for_each_successor(function, function.insts[function.blocks[b].end - 1], [&](BlockId target, std::span<const uint32_t>) { visit(b, target); });
    }
  };
  each_edge([&](BlockId, BlockId target) { ++pred_first[target + 1]; });
  for (uint32_t i = 0; i < count; ++i) {
    pred_first[i + 1] += pred_first[i];
  }
  base::PodVector<uint32_t> at(pred_first);
  pred_list.resize(pred_first[count]);
  each_edge([&](BlockId from, BlockId target) { pred_list[at[target]++] = from; });
}

// The iterative algorithm of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance Algorithm"), whose way up the tree is long where many
// blocks of a chain join in one (the arms of a long `match`): far ancestors, as in Myers' "An Applicative Random-Access Stack", make it
// logarithmic. They hold as long as no dominator found before changes, which happens in irreducible graphs only.
void ControlFlow::find_dominators() {
  immediate_dominator.resize(position.size(), kNone);
  immediate_dominator[0] = 0;
  base::PodVector<BlockId> far;
  base::PodVector<uint32_t> depth;
  far.resize(position.size(), 0u);
  depth.resize(position.size(), 0u);
  bool far_hold = true;
  auto up = [&](BlockId from, BlockId to) { return far_hold && position[far[from]] >= position[to] ? far[from] : immediate_dominator[from]; };
  auto meet = [&](BlockId a, BlockId b) {
    while (a != b) {
      while (position[a] > position[b]) {
        a = up(a, b);
      }
      while (position[b] > position[a]) {
        b = up(b, a);
      }
    }
    return a;
  };
  bool changed = true;
  for (bool is_first = true; changed; is_first = false) {
    changed = false;
    for (uint32_t i = 1; i < order.size(); ++i) {
      BlockId best = kNone;
      for (const BlockId pred : predecessors(order[i])) {
        if (immediate_dominator[pred] != kNone) {
          best = best == kNone ? pred : meet(best, pred);
        }
      }
      if (immediate_dominator[order[i]] != best) {
        far_hold = far_hold && is_first;
        immediate_dominator[order[i]] = best;
        depth[order[i]] = depth[best] + 1;
        const BlockId above = far[best];
        far[order[i]] = depth[best] - depth[above] == depth[above] - depth[far[above]] ? far[above] : best;
        changed = true;
      }
    }
  }
}

void ControlFlow::number_tree() {
  // Children are visited in reverse post-order, so a subtree's numbers are found without walking the tree: sizes from the
  // back, then places from the front.
  enter_.resize(position.size(), 0u);
  leave_.resize(position.size(), 0u);
  base::PodVector<uint32_t> size;
  size.resize(position.size(), 1u);
  for (size_t i = order.size(); i-- > 1;) {
    size[immediate_dominator[order[i]]] += size[order[i]];
  }
  base::PodVector<uint32_t> next;
  next.resize(position.size(), 0u);
  for (uint32_t i = 0; i < order.size(); ++i) {
    const BlockId b = order[i];
    if (i == 0) {
      enter_[b] = 0;
    } else {
      uint32_t& place = next[immediate_dominator[b]];
      enter_[b] = place;
      place += size[b];
    }
    leave_[b] = enter_[b] + size[b] - 1;
    next[b] = enter_[b] + 1;
  }
}

}  // namespace omega::ir
