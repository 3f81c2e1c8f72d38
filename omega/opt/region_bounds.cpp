// SPDX-License-Identifier: Apache-2.0
// What is known of loop variables and their bounds.
#include "omega/opt/region_analysis.h"

#include <algorithm>

#include "omega/ir/op_info.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::LoopId;
using ir::Op;
using ir::SlotId;
using ir::ValueId;

void RegionAnalysis::start_loop() {
  const ir::Loop& loop = f_.loops[loop_];
  if (loop.iv == kNone) {
    obstacle(Obstacle::NotCounted, f_.blocks[begin_].first);
  } else {
    out_.iv = symbols_.atom(AtomKind::Iv, loop_);
    out_.lo_value = value_before(loop.iv, first_);
    const PolyId lo = out_.lo_value == kNone ? kNone : outside_int(f_.insts[out_.lo_value].b);
    const PolyId hi = upper_bound(loop, true);
    symbols_.set_bounds(out_.iv, lo, minus_one(hi));
    note_bound(loop_, lo, hi);
    int64_t a, b;
    if (symbols_.constant_value(lo, a) && symbols_.constant_value(hi, b)) {
      out_.known_lo = a;
      out_.known_hi = b;
      const __int128 trip = loop.step <= 0 ? 0 : (static_cast<__int128>(b) - a + loop.step - 1) / loop.step;
      out_.known_trip = trip < 0 ? 0 : static_cast<int64_t>(std::min<__int128>(trip, INT64_MAX));
    }
  }
  for (BlockId block = begin_; block < end_; ++block) {
    const ValueId last = f_.blocks[block].end - 1;
    const Inst& inst = f_.insts[last];
    if (inst.op == Op::Ret || inst.op == Op::Revert || inst.op == Op::RevertData) {
      obstacle(Obstacle::EarlyExit, last);
    }
    ir::for_each_successor(f_, inst, [&](BlockId to, std::span<const uint32_t>) {
      if ((to < begin_ || to >= end_) && !(block == loop.header && to == loop.exit)) {
        obstacle(Obstacle::EarlyExit, last);
      }
    });
  }
  for (ValueId i = first_; i < last_; ++i) {
    if (facts_.uses[i] != 0 && (facts_.first_use_block[i] < begin_ || facts_.last_use_block[i] >= end_)) {
      obstacle(Obstacle::LiveOut, i);
    }
  }
}

ValueId RegionAnalysis::value_before(SlotId slot, ValueId at) const {
  // The preheader stands right before the header; look back a little.
  for (ValueId back = 1; back <= at && back < 256; ++back) {
    const ir::Inst& inst = f_.insts[at - back];
    if (inst.op == Op::SlotSet && inst.a == slot) {
      return at - back;
    }
  }
  return kNone;
}

PolyId RegionAnalysis::minus_one(PolyId poly) {
  if (poly == kNone) {
    return kNone;
  }
  Poly one;
  one.terms.push_back({1, 0, {}});
  return symbols_.intern(add(symbols_.poly(poly), one, -1));
}

void RegionAnalysis::note_bound(LoopId loop, PolyId lo, PolyId hi) {
  int64_t low;
  if (hi == kNone || !symbols_.constant_value(lo, low) || low == INT64_MAX) {
    return;
  }
  const Poly& poly = symbols_.poly(hi);
  if (poly.terms.size() == 1 && poly.terms[0].count == 1 && poly.terms[0].coefficient == 1 &&
      symbols_.atom(poly.terms[0].atoms[0]).kind == AtomKind::Invariant) {
    out_.bounds.push_back({loop, poly.terms[0].atoms[0], low + 1});
  }
}

PolyId RegionAnalysis::upper_bound(const ir::Loop& loop, bool from_outside) {
  // The header compares the variable with the bound.
  const Inst& branch = f_.insts[f_.blocks[loop.header].end - 1];
  if (branch.op != Op::CondBr) {
    return kNone;
  }
  const Inst& compare = f_.insts[branch.a];
  if (compare.op != Op::Lt) {
    return kNone;
  }
  const Inst& iv = f_.insts[compare.a];
  if (iv.op != Op::SlotGet || iv.a != loop.iv) {
    return kNone;
  }
  const Inst& bound = f_.insts[compare.b];
  if (bound.op == Op::Const) {
    return symbols_.constant(ir::const_value(bound));
  }
  if (bound.op == Op::SlotGet) {
    return from_outside ? slot_outside_int(bound.a) : slot_int(bound.a);
  }
  return inside(compare.b) ? kNone : outside_int(compare.b);
}

PolyId RegionAnalysis::upper_bound_inner(const ir::Loop& inner, ValueId at) {
  const Inst& branch = f_.insts[f_.blocks[inner.header].end - 1];
  if (branch.op != Op::CondBr || f_.insts[branch.a].op != Op::Lt) {
    return kNone;
  }
  const Inst& compare = f_.insts[branch.a];
  const Inst& iv = f_.insts[compare.a];
  if (iv.op != Op::SlotGet || iv.a != inner.iv) {
    return kNone;
  }
  const Inst& bound = f_.insts[compare.b];
  if (bound.op == Op::Const) {
    return symbols_.constant(ir::const_value(bound));
  }
  if (bound.op == Op::SlotGet) {
    const Symbol s = slot_value(bound.a, at);
    return s.kind == Symbol::Int ? s.id : kNone;
  }
  return inside(compare.b) ? kNone : outside_int(compare.b);
}

uint64_t RegionAnalysis::trip_estimate(LoopId loop) {
  const Atom& atom = symbols_.atom(symbols_.atom(AtomKind::Inner, loop));
  int64_t lo, hi;
  if (f_.loops[loop].iv != kNone && symbols_.constant_value(atom.lower, lo) && symbols_.constant_value(atom.upper, hi)) {
    return static_cast<uint64_t>(std::clamp<__int128>(static_cast<__int128>(hi) - lo + 1, 1, 1'000'000));
  }
  return 16;
}

}  // namespace omega::opt
