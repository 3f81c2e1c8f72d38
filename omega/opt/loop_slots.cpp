// SPDX-License-Identifier: Apache-2.0
// Classifies the slots of a loop: private, reduction, read-only or carried from iteration to iteration.
#include "omega/opt/loop_slots.h"

#include <algorithm>

#include "omega/ir/op_info.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::SlotId;
using ir::ValueId;

FunctionFacts::FunctionFacts(const ir::Function& f) : function(&f) {
  const size_t count = f.insts.size();
  slots.resize(f.slots.size());
  first_use_block.assign(count, kNone);
  last_use_block.assign(count, 0);
  uses.assign(count, 0);
  block_of.assign(count, 0);
  for (BlockId block = 0; block < f.blocks.size(); ++block) {
    for (ValueId i = f.blocks[block].first; i < f.blocks[block].end; ++i) {
      const Inst& inst = f.insts[i];
      block_of[i] = block;
      if (inst.op == Op::SlotGet) {
        ++slots[inst.a].gets;
      } else if (inst.op == Op::SlotSet) {
        ++slots[inst.a].sets;
        slots[inst.a].last_set = i;
      }
      ir::for_each_value(f, inst, [&](const uint32_t& value) {
        first_use_block[value] = std::min(first_use_block[value], block);
        last_use_block[value] = std::max(last_use_block[value], block);
        ++uses[value];
      });
    }
  }
  loop_of_block.assign(f.blocks.size(), kNone);
  std::vector<ir::LoopId> by_place;
  for (ir::LoopId id = 0; id < f.loops.size(); ++id) {
    if (f.loops[id].header < f.loops[id].exit) {
      by_place.push_back(id);
    }
  }
  std::sort(by_place.begin(), by_place.end(), [&](ir::LoopId a, ir::LoopId b) {
    return f.loops[a].header != f.loops[b].header ? f.loops[a].header < f.loops[b].header : f.loops[a].exit > f.loops[b].exit;
  });
  std::vector<ir::LoopId> open;
  size_t next = 0;
  for (BlockId block = 0; block < f.blocks.size(); ++block) {
    while (!open.empty() && f.loops[open.back()].exit <= block) {
      open.pop_back();
    }
    while (next < by_place.size() && f.loops[by_place[next]].header == block) {
      open.push_back(by_place[next++]);
    }
    loop_of_block[block] = open.empty() ? kNone : open.back();
  }
}

namespace {
bool foldable(Op op) {
  switch (op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::And:
    case Op::Or:
    case Op::Xor:
    case Op::Min:
    case Op::Max: return true;
    default: return false;
  }
}

class SlotClassifier {
 public:
  SlotClassifier(const FunctionFacts& facts, BlockId begin, BlockId end, ir::LoopId loop, SlotClasses& out)
      : facts_(facts), f_(*facts.function), begin_(begin), end_(end), loop_(loop), out_(out) {}

  void run() {
    collect();
    for (const SlotId slot : touched_) {
      classify(slot);
    }
    check_assignment();
  }

 private:
  struct Use {
    std::vector<ValueId> in_order;  // gets and sets as they stand
    uint32_t gets = 0, sets = 0;
    bool overflow = false;
  };

  void collect() {
    for (ValueId i = f_.blocks[begin_].first; i < f_.blocks[end_ - 1].end; ++i) {
      const Inst& inst = f_.insts[i];
      if (inst.op != Op::SlotGet && inst.op != Op::SlotSet) {
        continue;
      }
      uint32_t& index = index_.of(inst.a);
      if (index == kNone) {
        index = static_cast<uint32_t>(touched_.size());
        touched_.push_back(inst.a);
        uses_.emplace_back();
      }
      Use& use = uses_[index];
      ++(inst.op == Op::SlotGet ? use.gets : use.sets);
      use.in_order.push_back(i);
    }
  }

  void classify(SlotId slot) {
    const Use& use = uses_[index_[slot]];
    SlotRole& role = out_.roles.of(slot);
    if (use.sets == 0) {
      role = SlotRole::ReadOnly;
    } else if (loop_ != kNone && f_.loops[loop_].iv == slot) {
      role = use.sets == 1 && facts_.block_of[last_set(use)] == f_.loops[loop_].latch && facts_.slots[slot].gets == use.gets ? SlotRole::Induction
                                                                                                                             : SlotRole::Carried;
    } else if (loop_ != kNone && reduction(slot, use)) {
      role = SlotRole::Reduction;
    } else {
      const ir::Slot& declared = f_.slots[slot];
      const bool read_after = facts_.slots[slot].gets > use.gets;
      const bool set_outside = facts_.slots[slot].sets > use.sets;
      const bool is_explicit = loop_ != kNone && f_.loops[loop_].kind >= ir::LoopKind::Parallel;
      role = loop_ != kNone && (read_after || (is_explicit && declared.is_user != 0 && set_outside)) ? SlotRole::Carried : SlotRole::Private;
    }
    if (role == SlotRole::Carried) {
      carried(slot, use);
    }
  }

  static ValueId last_set_of(const ir::Function& f, const Use& use) {
    for (auto it = use.in_order.rbegin(); it != use.in_order.rend(); ++it) {
      if (f.insts[*it].op == Op::SlotSet) {
        return *it;
      }
    }
    return kNone;
  }
  ValueId last_set(const Use& use) const { return last_set_of(f_, use); }

  void carried(SlotId slot, const Use& use) {
    if (out_.carried != kNone && f_.slots[out_.carried].is_user >= f_.slots[slot].is_user) {
      return;
    }
    out_.carried = slot;
    out_.carried_set = last_set(use);
    out_.carried_get = telling_get(use);
  }

  // A read that is more than the first half of an update, such as `s += e`, says better why the slot is no reduction.
  ValueId telling_get(const Use& use) const {
    ValueId first = kNone;
    for (size_t k = 0; k < use.in_order.size(); ++k) {
      const ValueId get = use.in_order[k];
      if (f_.insts[get].op != Op::SlotGet) {
        continue;
      }
      if (k + 1 == use.in_order.size() || !is_update(get, use.in_order[k + 1])) {
        return get;
      }
      first = first == kNone ? get : first;
    }
    return first;
  }

  bool is_update(ValueId get, ValueId set) const {
    if (f_.insts[set].op != Op::SlotSet) {
      return false;
    }
    const Inst& fold = f_.insts[f_.insts[set].b];
    return foldable(fold.op) && facts_.uses[get] == 1 && (fold.a == get || fold.b == get);
  }

  // Accesses come in pairs `t = get s; …; set s, (t op e)` and each t is used by its operation only.
  bool reduction(SlotId slot, const Use& use) {
    if (use.gets != use.sets) {
      return false;
    }
    Reduction found{slot, Op::Add, false, false, false, 0, 0};
    bool first = true;
    for (size_t k = 0; k < use.in_order.size(); k += 2) {
      const ValueId get = use.in_order[k];
      const ValueId set = use.in_order[k + 1];
      if (f_.insts[get].op != Op::SlotGet || f_.insts[set].op != Op::SlotSet || facts_.uses[get] != 1) {
        return false;
      }
      const ValueId value = f_.insts[set].b;
      const Inst& fold = f_.insts[value];
      if (!foldable(fold.op) || facts_.uses[value] != 1 || value < get || value > set || (fold.a == get) == (fold.b == get)) {
        return false;
      }
      if (fold.op == Op::Sub && fold.a != get) {
        return false;
      }
      // A loop that holds only one of the two would repeat it.
      if (innermost(get) != innermost(set)) {
        return false;
      }
      const Op op = fold.op == Op::Sub ? Op::Add : fold.op;
      if (!first && op != found.op) {
        return false;
      }
      if (first) {
        found.location = f_.locations[value];
      }
      first = false;
      found.op = op;
      found.mixed = found.mixed || (k != 0 && found.subtract != (fold.op == Op::Sub));
      found.subtract = found.subtract || fold.op == Op::Sub;
      found.checked = found.checked || (fold.flags & ir::kChecked) != 0;
      found.flags |= fold.flags;
    }
    // Parts of a mixed sum may be below zero.
    if (found.mixed && !ir::is_float(f_.slots[slot].type) && !ir::is_signed(f_.slots[slot].type)) {
      return false;
    }
    out_.reductions.push_back(found);
    return true;
  }

  ir::LoopId innermost(ValueId value) const { return facts_.loop_of_block[facts_.block_of[value]]; }

  // Private slots must be set on every way from the start of an iteration to each get.
  void check_assignment() {
    if (loop_ == kNone) {
      return;
    }
    std::vector<SlotId> privates;
    std::vector<uint32_t> use_of;
    for (const SlotId slot : touched_) {
      if (out_.roles[slot] == SlotRole::Private) {
        use_of.push_back(index_[slot]);
        index_.of(slot) = static_cast<uint32_t>(privates.size());
        privates.push_back(slot);
      } else {
        index_.of(slot) = kNone;
      }
    }
    if (privates.empty()) {
      return;
    }
    const uint32_t words = static_cast<uint32_t>(privates.size() + 63) / 64;
    const uint32_t blocks = end_ - begin_;
    const BlockId entry = f_.loops[loop_].header;
    std::vector<uint64_t> in(static_cast<size_t>(blocks) * words, ~uint64_t{0});
    std::fill_n(in.begin() + static_cast<ptrdiff_t>(entry - begin_) * words, words, 0);
    std::vector<uint64_t> now(words);
    std::vector<bool> bad(privates.size(), false);
    for (bool changed = true; changed;) {
      changed = false;
      for (BlockId block = begin_; block < end_; ++block) {
        std::copy_n(in.begin() + static_cast<ptrdiff_t>(block - begin_) * words, words, now.begin());
        for (ValueId i = f_.blocks[block].first; i < f_.blocks[block].end; ++i) {
          const Inst& inst = f_.insts[i];
          const uint32_t index = inst.op == Op::SlotSet || inst.op == Op::SlotGet ? index_[inst.a] : kNone;
          if (index != kNone) {
            uint64_t& word = now[index / 64];
            const uint64_t bit = uint64_t{1} << (index % 64);
            if (inst.op == Op::SlotSet) {
              word |= bit;
            } else if ((word & bit) == 0) {
              bad[index] = true;
            }
          }
        }
        ir::for_each_successor(f_, f_.insts[f_.blocks[block].end - 1], [&](BlockId to, std::span<const uint32_t>) {
          if (to < begin_ || to >= end_) {
            return;
          }
          for (uint32_t w = 0; w < words; ++w) {
            uint64_t& word = in[static_cast<size_t>(to - begin_) * words + w];
            const uint64_t met = word & now[w];
            changed = changed || met != word;
            word = met;
          }
        });
      }
    }
    for (size_t k = 0; k < privates.size(); ++k) {
      if (bad[k]) {
        out_.roles.of(privates[k]) = SlotRole::Carried;
        carried(privates[k], uses_[use_of[k]]);
      }
    }
  }

  const FunctionFacts& facts_;
  const ir::Function& f_;
  BlockId begin_, end_;
  ir::LoopId loop_;
  SlotClasses& out_;
  SlotMap<uint32_t> index_{kNone};
  std::vector<SlotId> touched_;
  std::vector<Use> uses_;
};

}  // namespace

SlotClasses classify_slots(const FunctionFacts& facts, BlockId begin, BlockId end, ir::LoopId loop) {
  SlotClasses classes;
  SlotClassifier(facts, begin, end, loop, classes).run();
  return classes;
}

}  // namespace omega::opt
