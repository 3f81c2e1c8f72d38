// SPDX-License-Identifier: Apache-2.0
// Values from outside a region and values of its variables, as symbols.
#include "omega/opt/region_analysis.h"

#include "omega/ir/op_info.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::LoopId;
using ir::Op;
using ir::SlotId;
using ir::Type;
using ir::ValueId;

SlotId RegionAnalysis::same_slot(ValueId value) const {
  const Inst& inst = f_.insts[value];
  if (inst.op != Op::SlotGet || loop_ == kNone || value >= first_ || first_ - value > 512 || out_.roles[inst.a] == SlotRole::Private ||
      out_.roles[inst.a] == SlotRole::Carried || out_.roles[inst.a] == SlotRole::Reduction) {
    return kNone;
  }
  for (ValueId i = value + 1; i < first_; ++i) {
    if (f_.insts[i].op == Op::SlotSet && f_.insts[i].a == inst.a) {
      return kNone;
    }
  }
  // The preheader only: code in between may be jumped over.
  for (BlockId block = facts_.block_of[value]; block < begin_; ++block) {
    const Inst& last = f_.insts[f_.blocks[block].end - 1];
    if (last.op != Op::Br || last.a != block + 1) {
      return kNone;
    }
  }
  return inst.a;
}

PolyId RegionAnalysis::slot_outside_int(SlotId slot, uint32_t depth) {
  const FunctionFacts::SlotUse& use = facts_.slots[slot];
  if (use.sets == 1 && use.last_set < first_ && depth < 4) {
    const ValueId value = f_.insts[use.last_set].b;
    if (f_.insts[value].op == Op::Const || same_slot(value) != kNone) {
      return outside_int(value, depth + 1);
    }
  }
  return symbols_.of_atom(symbols_.atom(AtomKind::Invariant, slot));
}

PolyId RegionAnalysis::outside_int(ValueId value, uint32_t depth) {
  const Inst& inst = f_.insts[value];
  if (inst.op == Op::Const) {
    return symbols_.constant(ir::const_value(inst));
  }
  if (const SlotId slot = same_slot(value); slot != kNone) {
    return slot_outside_int(slot, depth);
  }
  return symbols_.of_atom(symbols_.atom(AtomKind::Invariant, kValueKey | value));
}

Symbol RegionAnalysis::outside(ValueId value) {
  const Inst& inst = f_.insts[value];
  if (ir::is_integer(inst.type)) {
    return {Symbol::Int, outside_int(value)};
  }
  if (inst.type != Type::Ref) {
    return {};
  }
  if (inst.op == Op::Const) {
    return {Symbol::Ref, Symbols::kNull};
  }
  if (inst.op == Op::ElementAddress || inst.op == Op::FixedAddress || inst.op == Op::FieldAddress) {
    return {Symbol::Ref, Symbols::kOpaque};
  }
  if (const SlotId slot = same_slot(value); slot != kNone) {
    return {Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, slot)};
  }
  return {Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, kValueRefKey | value)};
}

Symbol RegionAnalysis::symbol(ValueId value) {
  if (!inside(value)) {
    return outside(value);
  }
  const Symbol& s = values_[value - first_];
  if (s.kind == Symbol::None && f_.insts[value].type == Type::Ref) {
    return {Symbol::Ref, Symbols::kOpaque};
  }
  return s;
}

PolyId RegionAnalysis::int_of(ValueId value) {
  const Symbol s = symbol(value);
  return s.kind == Symbol::Int ? s.id : kNone;
}

RefId RegionAnalysis::ref_of(ValueId value) {
  const Symbol s = symbol(value);
  return s.kind == Symbol::Ref ? s.id : Symbols::kOpaque;
}

PolyId RegionAnalysis::slot_int(SlotId slot) {
  const Symbol s = slot_value(slot, f_.blocks[begin_].first);
  return s.kind == Symbol::Int ? s.id : kNone;
}

Symbol RegionAnalysis::slot_value(SlotId slot, ValueId at) {
  const Type type = f_.slots[slot].type;
  const bool is_int = ir::is_integer(type);
  const Sets sets = sets_[slot];
  switch (out_.roles[slot]) {
    case SlotRole::ReadOnly:
    case SlotRole::Outside:
      if (is_int) {
        return {Symbol::Int, slot_outside_int(slot)};
      }
      return type == Type::Ref ? Symbol{Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, slot)} : Symbol{};
    case SlotRole::Induction: return {Symbol::Int, symbols_.of_atom(out_.iv)};
    case SlotRole::Private: {
      if (is_int) {
        for (LoopId loop = facts_.loop_of_block[facts_.block_of[at]]; loop != kNone && loop != loop_; loop = f_.loops[loop].parent) {
          if (f_.loops[loop].iv == slot && sets.count == 2 && facts_.block_of[sets.last] == f_.loops[loop].latch) {
            return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Inner, loop))};
          }
        }
      }
      if (sets.count == 1 && sets.last < at) {
        const Symbol s = values_[sets.last - first_];
        return s.kind == Symbol::None && type == Type::Ref ? Symbol{Symbol::Ref, Symbols::kOpaque} : s;
      }
      if (type == Type::Ref && all_sets_fresh(slot)) {
        return {Symbol::Ref, Symbols::kFresh};
      }
      break;
    }
    default: break;
  }
  if (is_int) {
    return {Symbol::Int, symbols_.varying(at)};
  }
  return type == Type::Ref ? Symbol{Symbol::Ref, Symbols::kOpaque} : Symbol{};
}

bool RegionAnalysis::all_sets_fresh(SlotId slot) {
  if (!stale_slots_found_) {
    stale_slots_found_ = true;
    for (ValueId i = first_; i < last_; ++i) {
      if (f_.insts[i].op == Op::SlotSet) {
        if (!makes_deep(f_.insts[f_.insts[i].b])) {
          stale_slots_.of(f_.insts[i].a) = true;
        }
      }
    }
  }
  return !stale_slots_[slot];
}

}  // namespace omega::opt
