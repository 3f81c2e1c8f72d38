// SPDX-License-Identifier: Apache-2.0
// Scheduler: uses, lives, and which values are computed where they are used.
#include <algorithm>

#include "omega/codegen/evm/scheduler.h"

namespace omega::codegen::evm {

void Scheduler::find_uses() {
  const size_t count = r_.insts.size();
  uses_.assign(count, 0);
  needed_.assign(count, false);
  block_of_.assign(count, kNone);
  pred_count_.assign(r_.blocks.size(), 0);
  std::vector<ValueId> work;
  const auto need = [&](ValueId id) {
    if (!needed_[id]) {
      needed_[id] = true;
      work.push_back(id);
    }
  };
  for (BlockId b = 0; b < r_.blocks.size(); ++b) {
    for (ValueId i = r_.blocks[b].first; i < r_.blocks[b].end; ++i) {
      block_of_[i] = b;
      if (!is_removable(inst(i)) && inst(i).op != Op::Const) {
        need(i);
      }
    }
    const Inst& last = inst(r_.blocks[b].end - 1);
    if (last.op == Op::JumpTo || last.op == Op::Branch) {
      ++pred_count_[last.a];
    }
    if (last.op == Op::Branch) {
      ++pred_count_[last.b];
    }
  }
  while (!work.empty()) {
    const ValueId id = work.back();
    work.pop_back();
    for (const ValueId operand : r_.args(inst(id))) {
      if (inst(id).op != Op::Result) {
        ++uses_[operand];
      }
      need(operand);
    }
    if (inst(id).op == Op::ReturnTo) {
      ++uses_[0];  // the return address is the first instruction
    }
  }
}

void Scheduler::find_live() {
  const size_t blocks = r_.blocks.size();
  live_in_.assign(blocks, {});
  std::vector<std::vector<BlockId>> preds(blocks);
  for (BlockId b = 0; b < blocks; ++b) {
    const Inst& last = inst(r_.blocks[b].end - 1);
    if (last.op == Op::JumpTo || last.op == Op::Branch) {
      preds[last.a].push_back(b);
    }
    if (last.op == Op::Branch) {
      preds[last.b].push_back(b);
    }
  }
  // Uses outside the value's block, grouped by value.
  std::vector<std::pair<ValueId, BlockId>> outside;
  for (BlockId b = 0; b < blocks; ++b) {
    for (ValueId i = r_.blocks[b].first; i < r_.blocks[b].end; ++i) {
      if (!needed_[i]) {
        continue;
      }
      for (const ValueId operand : r_.args(inst(i))) {
        if (block_of_[operand] != b && !is_rematerialized(inst(operand).op)) {
          outside.emplace_back(operand, b);
        }
      }
      if (inst(i).op == Op::ReturnTo && b != 0) {
        outside.emplace_back(0, b);
      }
    }
  }
  std::sort(outside.begin(), outside.end());
  outside.erase(std::unique(outside.begin(), outside.end()), outside.end());
  std::vector<ValueId> marked(blocks, kNone);
  std::vector<BlockId> work;
  for (const auto& [value, use] : outside) {
    work.push_back(use);
    while (!work.empty()) {
      const BlockId b = work.back();
      work.pop_back();
      if (b == block_of_[value] || marked[b] == value) {
        continue;
      }
      marked[b] = value;
      live_in_[b].push_back(value);
      work.insert(work.end(), preds[b].begin(), preds[b].end());
    }
  }
}

/// Blocks that may run more than once, and perhaps some beside them: those between the ends of a way back, in reverse post-order.
void Scheduler::find_loops() {
  const Flow flow(r_);
  std::vector<uint32_t> position(r_.blocks.size(), 0);
  for (uint32_t k = 0; k < flow.order.size(); ++k) {
    position[flow.order[k]] = k;
  }
  std::vector<int32_t> change(flow.order.size() + 1, 0);
  const auto edge = [&](BlockId from, BlockId to) {
    if (position[to] <= position[from]) {
      ++change[position[to]];
      --change[position[from] + 1];
    }
  };
  for (const BlockId b : flow.order) {
    const Inst& last = inst(r_.blocks[b].end - 1);
    if (last.op == Op::JumpTo || last.op == Op::Branch) {
      edge(b, last.a);
    }
    if (last.op == Op::Branch) {
      edge(b, last.b);
    }
  }
  in_loop_.assign(r_.blocks.size(), false);
  int32_t depth = 0;
  for (uint32_t k = 0; k < flow.order.size(); ++k) {
    depth += change[k];
    in_loop_[flow.order[k]] = depth > 0;
  }
}

namespace {

/// True where moving `in` down to its user shows: the gas that is left differs from place to place. What a call hands on is what is left at the call.
bool is_fixed(const Inst& in, Op user) { return in.op == Op::Gas && user != Op::Call && user != Op::StaticCall && user != Op::DelegateCall; }

}  // namespace

/// A value used once moves down to its user when nothing in between that stays in place conflicts with what it reads, or, for hashes, with the scratch space
/// it writes.
void Scheduler::find_folded() {
  constexpr uint32_t kMaxHeight = 10;  // operands of a tree lie on the stack above what it needs
  folded_.assign(r_.insts.size(), false);
  std::vector<uint32_t> root(r_.insts.size(), 0), depth(r_.insts.size(), 0);
  std::vector<ValueId> user(r_.insts.size(), kNone);
  constexpr uint32_t kBits = 7;
  for (const Block& block : r_.blocks) {
    uint32_t next_write[kBits], next_read[kBits];
    std::fill(std::begin(next_write), std::end(next_write), kNone);
    std::fill(std::begin(next_read), std::end(next_read), kNone);
    for (ValueId i = block.end; i-- > block.first;) {
      if (!needed_[i]) {
        continue;
      }
      const Inst& in = inst(i);
      const OpInfo& info = op_info(in.op);
      const bool may_fold = uses_[i] == 1 && user[i] != kNone && is_removable(in) && !is_rematerialized(in.op) && !is_fixed(in, inst(user[i]).op);
      if (may_fold) {
        const ValueId u = user[i];
        const ValueId at = folded_[u] ? root[u] : u;
        bool is_free = inst(u).op != Op::JumpTo && inst(u).op != Op::ReturnTo && depth[u] + 1 <= kMaxHeight;
        const bool is_hash = in.op == Op::HashPair || in.op == Op::HashWord;
        for (uint32_t bit = 0; bit < kBits && is_free; ++bit) {
          is_free = ((info.reads >> bit & 1) == 0 || next_write[bit] >= at) &&
                    (!(is_hash && (1u << bit) == kScratch) || (next_read[bit] >= at && next_write[bit] >= at));
        }
        if (is_free) {
          folded_[i] = true;
          root[i] = at;
          depth[i] = depth[u] + 1;
        }
      }
      if (!folded_[i]) {
        // Hashes disturb the scratch space only for those who rely on it, who are writers themselves.
        const uint8_t writes = in.op == Op::HashPair || in.op == Op::HashWord ? 0 : info.writes;
        for (uint32_t bit = 0; bit < kBits; ++bit) {
          if ((writes >> bit & 1) != 0) {
            next_write[bit] = i;
          }
          if ((info.reads >> bit & 1) != 0) {
            next_read[bit] = i;
          }
        }
      }
      for (const ValueId operand : r_.args(in)) {
        user[operand] = block_of_[operand] == block_of_[i] ? i : kNone;
      }
    }
  }
}

}  // namespace omega::codegen::evm
