// SPDX-License-Identifier: Apache-2.0
// What parallel loops fold, and how a sum shows that it overflowed nowhere.
#include "omega/opt/accumulators.h"

#include <algorithm>
#include <limits>

namespace omega::opt {

using ir::FunctionBuilder;
using ir::kNone;
using ir::Label;
using ir::Op;
using ir::SlotId;
using ir::Type;
using ir::ValueId;

uint32_t place(uint32_t& size, Type type) {
  const uint32_t bytes = std::max(ir::storage_size(type), 8u);
  const uint32_t align = std::min(bytes, 16u);
  const uint32_t offset = (size + align - 1) / align * align;
  size = offset + bytes;
  return offset;
}

ValueId neutral_value(FunctionBuilder& b, Op op, Type type) {
  if (ir::is_float(type)) {
    const double value = op == Op::Add ? -0.0 : op == Op::Mul ? 1.0 : std::numeric_limits<double>::quiet_NaN();
    return type == Type::F64 ? b.const_f64(value) : b.const_f32(static_cast<float>(value));
  }
  const uint32_t bits = ir::bit_width(type);
  const bool is_signed = ir::is_signed(type);
  auto filled = [&](uint32_t low_ones, bool sign) {
    uint64_t limbs[4];
    for (uint32_t i = 0; i < 4; ++i) {
      const uint32_t from = i * 64;
      const uint64_t ones = low_ones >= from + 64 ? ~uint64_t{0} : low_ones > from ? (uint64_t{1} << (low_ones - from)) - 1 : 0;
      limbs[i] = sign ? ~ones : ones;
    }
    return ir::is_wide(type) ? b.const_wide(type, limbs) : b.const_int(type, static_cast<int64_t>(limbs[0]));
  };
  switch (op) {
    case Op::Mul: return b.const_int(type, 1);
    case Op::And: return is_signed ? b.const_int(type, -1) : filled(bits, false);
    case Op::Min: return filled(is_signed ? bits - 1 : bits, false);
    case Op::Max: return is_signed ? filled(bits - 1, true) : b.const_int(type, 0);
    default: return b.const_int(type, 0);
  }
}

AccumulatorSet make_accumulators(const FunctionFacts& facts, const LoopPlan& plan) {
  const ir::Function& f = *facts.function;
  AccumulatorSet set;
  auto add = [&](Type type, Op op, uint8_t flags) {
    set.words.push_back({type, op, flags, place(set.size, type)});
    return static_cast<uint32_t>(set.words.size() - 1);
  };
  set.guards.resize(plan.facts.reductions.size());
  for (const Reduction& r : plan.facts.reductions) {
    add(f.slots[r.slot].type, r.op, plan.is_auto ? 0 : r.flags);
  }
  if (plan.is_auto && !plan.facts.reductions.empty()) {
    for (size_t k = 0; k < set.guards.size(); ++k) {
      const Reduction& r = plan.facts.reductions[k];
      if (r.op != Op::Add || !r.checked) {
        continue;
      }
      SumGuard& guard = set.guards[k];
      guard.magnitude = add(Type::U64, Op::Or, 0);
      bool repeats = false;
      const ir::Loop& loop = f.loops[plan.loop];
      for (ValueId i = f.blocks[loop.header].first; i < f.blocks[loop.exit - 1].end; ++i) {
        if (f.insts[i].op == Op::SlotSet && f.insts[i].a == r.slot) {
          ++guard.sites;
          repeats = repeats || facts.loop_of_block[facts.block_of[i]] != plan.loop;
        }
      }
      if (repeats) {
        guard.count = add(Type::U64, Op::Add, 0);
      }
    }
    set.done = add(Type::U64, Op::Or, 0);
  }
  set.size = (set.size + 15) / 16 * 16;
  return set;
}

void emit_guards(FunctionCopier& copier, const ir::Function& f, const LoopPlan& plan, const AccumulatorSet& set, ValueId acc,
                 const ir::ParallelForRecord& record, bool counts_from_lo, Label sequential) {
  FunctionBuilder& b = copier.builder();
  auto word = [&](uint32_t index) { return b.load(Type::U64, acc, set.words[index].offset); };
  const ValueId zero = b.const_int(Type::U64, 0);
  ValueId all = b.compare(Op::Ne, word(set.done), zero);
  for (size_t k = 0; k < set.guards.size(); ++k) {
    const SumGuard& guard = set.guards[k];
    if (guard.magnitude == kNone) {
      continue;
    }
    const Reduction& r = plan.facts.reductions[k];
    const Type type = f.slots[r.slot].type;
    ValueId additions;
    if (guard.count != kNone) {
      additions = word(guard.count);
    } else {
      const ValueId trip = b.cast(Type::U64, counts_from_lo ? b.binary(Op::Sub, Type::S64, record.hi, record.lo) : record.hi);
      additions = guard.sites == 1 ? trip : b.binary(Op::Mul, Type::U64, trip, b.const_int(Type::U64, guard.sites));
    }
    additions = b.binary(Op::Max, Type::U64, additions, b.const_int(Type::U64, 1));
    // How far the sum may move and still fit, whichever way it goes.
    const ValueId now = b.cast(Type::U64, b.get(copier.slot(r.slot)));
    const ValueId up = b.binary(Op::Sub, Type::U64, b.cast(Type::U64, neutral_value(b, Op::Min, type)), now);
    const ValueId down = b.binary(Op::Sub, Type::U64, now, b.cast(Type::U64, neutral_value(b, Op::Max, type)));
    const ValueId room = ir::is_signed(type) ? b.binary(Op::Min, Type::U64, up, down) : r.subtract ? down : up;
    const ValueId each = b.binary(Op::Div, Type::U64, room, additions);
    all = b.binary(Op::And, Type::U1, all, b.compare(Op::Lt, word(guard.magnitude), each));
  }
  const Label fine = b.new_label();
  b.cond_br(all, fine, sequential);
  b.start_block(fine);
}

// Collects the bits of |addend|, or one less for a negative one.
void note_addend(FunctionBuilder& b, ValueId addend, Type type, const SumGuard& guard, const std::vector<SlotId>& folded) {
  ValueId bits = addend;
  if (ir::is_signed(type)) {
    const ValueId sign = b.binary(Op::Shr, type, addend, b.const_int(Type::U32, ir::bit_width(type) - 1));
    bits = b.binary(Op::Xor, type, addend, sign);
  }
  const SlotId magnitude = folded[guard.magnitude];
  b.set(magnitude, b.binary(Op::Or, Type::U64, b.get(magnitude), type == Type::U64 ? bits : b.cast(Type::U64, bits)));
  if (guard.count != kNone) {
    const SlotId counter = folded[guard.count];
    b.set(counter, b.binary(Op::Add, Type::U64, b.get(counter), b.const_int(Type::U64, 1)));
  }
}

}  // namespace omega::opt
