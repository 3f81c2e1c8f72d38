// SPDX-License-Identifier: Apache-2.0
// Memory to SSA: slots become values, with block arguments where ways meet and the slot is still needed.
#include <algorithm>

#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/opt/editor.h"
#include "omega/opt/pass.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::SlotId;
using ir::ValueId;

namespace {

class Promoter {
 public:
  explicit Promoter(ir::Function& function) : f_(function), flow_(function), editor_(function) {}

  bool run() {
    collect();
    find_frontiers();
    place_arguments();
    rename();
    drop_unreachable();
    for (ir::Loop& loop : f_.loops) {
      // The variables are gone; the blocks are still those of a loop.
      loop.kind = ir::LoopKind::While;
      loop.iv = loop.hi = loop.threads = kNone;
    }
    f_.slots.clear();
    editor_.finish();
    return true;
  }

 private:
  void collect() {
    const size_t slots = f_.slots.size();
    set_blocks_.resize(slots);
    used_blocks_.resize(slots);
    std::vector<uint32_t> set_in(slots, kNone), used_in(slots, kNone);
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      if (!flow_.reachable(b)) {
        continue;
      }
      for (ValueId i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
        const Inst& inst = f_.insts[i];
        if (inst.op == Op::SlotGet && set_in[inst.a] != b && used_in[inst.a] != b) {
          used_in[inst.a] = b;
          used_blocks_[inst.a].push_back(b);
        } else if (inst.op == Op::SlotSet && set_in[inst.a] != b) {
          set_in[inst.a] = b;
          set_blocks_[inst.a].push_back(b);
        }
      }
    }
  }

  void find_frontiers() {
    frontier_.resize(f_.blocks.size());
    for (const BlockId b : flow_.order) {
      const auto preds = flow_.predecessors(b);
      if (preds.size() < 2) {
        continue;
      }
      for (BlockId runner : preds) {
        if (!flow_.reachable(runner)) {
          continue;
        }
        while (runner != flow_.immediate_dominator[b]) {
          if (!frontier_[runner].empty() && frontier_[runner].back() == b) {
            break;  // So do those above it: another predecessor's way came by.
          }
          frontier_[runner].push_back(b);
          runner = flow_.immediate_dominator[runner];
        }
      }
    }
  }

  // Blocks where a slot's value is needed on entry and differs by the way taken get an argument.
  void place_arguments() {
    arguments_.resize(f_.blocks.size());
    std::vector<SlotId> needed(f_.blocks.size(), kNone), placed(f_.blocks.size(), kNone), sets(f_.blocks.size(), kNone);
    std::vector<BlockId> work;
    for (SlotId slot = 0; slot < f_.slots.size(); ++slot) {
      if (used_blocks_[slot].empty() || set_blocks_[slot].empty()) {
        continue;
      }
      for (const BlockId b : set_blocks_[slot]) {
        sets[b] = slot;
      }
      work = used_blocks_[slot];
      for (const BlockId b : work) {
        needed[b] = slot;
      }
      while (!work.empty()) {
        const BlockId b = work.back();
        work.pop_back();
        for (const BlockId p : flow_.predecessors(b)) {
          if (flow_.reachable(p) && needed[p] != slot && sets[p] != slot) {
            needed[p] = slot;
            work.push_back(p);
          }
        }
      }
      // A block that sets the slot may still need it on entry.
      work = set_blocks_[slot];
      while (!work.empty()) {
        const BlockId b = work.back();
        work.pop_back();
        for (const BlockId to : frontier_[b]) {
          if (placed[to] != slot && needed[to] == slot) {
            placed[to] = slot;
            arguments_[to].push_back(slot);
            work.push_back(to);
          }
        }
      }
    }
  }

  ValueId zero(SlotId slot) {
    if (zeros_[slot] == kNone) {
      zeros_[slot] = editor_.constant(f_.slots[slot].type, 0, f_.location);
      new_zeros_.push_back(zeros_[slot]);
    }
    return zeros_[slot];
  }

  ValueId now(SlotId slot) { return current_[slot] == kNone ? zero(slot) : editor_.resolve(current_[slot]); }

  // Down the dominator tree; values are undone on the way up.
  void rename() {
    const size_t blocks = f_.blocks.size();
    current_.assign(f_.slots.size(), kNone);
    zeros_.assign(f_.slots.size(), kNone);
    std::vector<std::vector<BlockId>> children(blocks);
    for (const BlockId b : flow_.order) {
      if (b != flow_.order[0]) {
        children[flow_.immediate_dominator[b]].push_back(b);
      }
    }
    struct Frame {
      BlockId block;
      size_t next_child;
      size_t undo;
    };
    std::vector<Frame> stack;
    std::vector<std::pair<SlotId, ValueId>> undo;
    auto enter = [&](BlockId b) {
      stack.push_back({b, 0, undo.size()});
      rename_block(b, undo);
    };
    enter(0);
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.next_child < children[frame.block].size()) {
        enter(children[frame.block][frame.next_child++]);
        continue;
      }
      while (undo.size() > frame.undo) {
        current_[undo.back().first] = undo.back().second;
        undo.pop_back();
      }
      stack.pop_back();
    }
    auto& entry = editor_.blocks[0];
    entry.insert(entry.begin() + static_cast<ptrdiff_t>(f_.params.size()), new_zeros_.begin(), new_zeros_.end());
  }

  void rename_block(BlockId b, std::vector<std::pair<SlotId, ValueId>>& undo) {
    std::vector<ValueId> order;
    const std::vector<ValueId> old = std::move(editor_.blocks[b]);
    size_t at = 0;
    while (at < old.size() && editor_.inst(old[at]).op == Op::BlockArg) {
      order.push_back(old[at++]);
    }
    uint32_t position = static_cast<uint32_t>(order.size());
    for (const SlotId slot : arguments_[b]) {
      const ValueId arg = editor_.add({Op::BlockArg, 0, f_.slots[slot].type, position++, 0, 0}, f_.locations[old[0]]);
      order.push_back(arg);
      undo.emplace_back(slot, current_[slot]);
      current_[slot] = arg;
    }
    for (; at < old.size(); ++at) {
      const ValueId i = old[at];
      const Inst inst = editor_.inst(i);
      if (inst.op == Op::SlotGet) {
        editor_.replace(i, now(inst.a));
      } else if (inst.op == Op::SlotSet) {
        undo.emplace_back(inst.a, current_[inst.a]);
        current_[inst.a] = editor_.resolve(inst.b);
      } else {
        order.push_back(i);
      }
    }
    pass_arguments(order.back());
    editor_.blocks[b] = std::move(order);
  }

  void pass_arguments(ValueId terminator) {
    const Inst inst = editor_.inst(terminator);
    if (inst.op == Op::Br) {
      if (arguments_[inst.a].empty()) {
        return;
      }
      const auto old = f_.args(inst);
      std::vector<uint32_t> args(old.begin(), old.end());
      append(args, inst.a);
      const uint32_t at = editor_.add_extra(args);
      editor_.inst(terminator).b = at;
      editor_.inst(terminator).c = static_cast<uint32_t>(args.size());
    } else if (inst.op == Op::CondBr) {
      std::vector<uint32_t> words;
      bool any = false;
      ir::for_each_successor(f_, inst, [&](BlockId to, std::span<const uint32_t> old) {
        any = any || !arguments_[to].empty();
        std::vector<uint32_t> args(old.begin(), old.end());
        append(args, to);
        words.push_back(to);
        words.push_back(static_cast<uint32_t>(args.size()));
        words.insert(words.end(), args.begin(), args.end());
      });
      if (any) {
        const uint32_t at = editor_.add_extra(words);
        editor_.inst(terminator).b = at;
      }
    }
  }

  void append(std::vector<uint32_t>& args, BlockId to) {
    for (const SlotId slot : arguments_[to]) {
      args.push_back(now(slot));
    }
  }

  void drop_unreachable() {
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      editor_.removed[b] = !flow_.reachable(b);
    }
  }

  ir::Function& f_;
  ir::ControlFlow flow_;
  Editor editor_;
  std::vector<std::vector<BlockId>> set_blocks_, used_blocks_, frontier_;
  std::vector<std::vector<SlotId>> arguments_;
  std::vector<ValueId> current_, zeros_, new_zeros_;
};

}  // namespace

bool slots_to_values(const ir::Module&, ir::Function& function) { return !function.slots.empty() && Promoter(function).run(); }

}  // namespace omega::opt
