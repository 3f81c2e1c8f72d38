// SPDX-License-Identifier: Apache-2.0
// Rejects plain loops by what can be seen in one pass over their instructions.
#include "omega/opt/candidates.h"

#include "omega/ir/op_info.h"
#include "omega/opt/effects.h"

namespace omega::opt {

using ir::Function;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::ValueId;

namespace {

// The constant a slot is set to right before `at`.
bool constant_before(const Function& f, ir::SlotId slot, ValueId at, int64_t& value) {
  for (ValueId back = 1; back <= at && back < 16; ++back) {
    const Inst& inst = f.insts[at - back];
    if (inst.op == Op::SlotSet && inst.a == slot) {
      const Inst& set = f.insts[inst.b];
      value = ir::const_value(set);
      return set.op == Op::Const;
    }
  }
  return false;
}

bool known_trip(const Function& f, const ir::Loop& loop, uint64_t& trip) {
  const ValueId first = f.blocks[loop.header].first;
  const Inst& branch = f.insts[f.blocks[loop.header].end - 1];
  int64_t low, high;
  if (branch.op != Op::CondBr || f.insts[branch.a].op != Op::Lt || !constant_before(f, loop.iv, first, low)) {
    return false;
  }
  const Inst& bound = f.insts[f.insts[branch.a].b];
  if (bound.op == Op::Const) {
    high = ir::const_value(bound);
  } else if (bound.op != Op::SlotGet || !constant_before(f, bound.a, first, high)) {
    return false;
  }
  trip = high <= low ? 0 : static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  return true;
}

}  // namespace

bool is_candidate(const Function& f, const ir::Loop& loop) {
  if (loop.kind >= ir::LoopKind::Parallel) {
    return true;
  }
  if (loop.kind == ir::LoopKind::While || loop.iv == kNone || loop.header >= loop.exit) {
    return false;
  }
  bool is_flat = true;  // no loops or calls inside
  for (ir::BlockId block = loop.header; block < loop.exit; ++block) {
    for (ValueId i = f.blocks[block].first; i < f.blocks[block].end; ++i) {
      const Inst& inst = f.insts[i];
      switch (inst.op) {
        case Op::Ret:
        case Op::Revert:
        case Op::RevertData: return false;
        case Op::Call:
        case Op::CallClosure: is_flat = false; break;
        case Op::CallRuntime: {
          const RuntimeEffects& effects = runtime_effects(static_cast<ir::RuntimeFunctionId>(inst.a));
          if (effects.prints || effects.sequential || !effects.known) {
            return false;
          }
          is_flat = is_flat && !effects.runs_code;
          break;
        }
        default: break;
      }
    }
    bool leaves = false;
    ir::for_each_successor(f, f.insts[f.blocks[block].end - 1], [&](ir::BlockId to, std::span<const uint32_t>) {
      is_flat = is_flat && (to > block || to == loop.header);
      leaves = leaves || (block != loop.header && (to < loop.header || to >= loop.exit));
    });
    if (leaves) {
      return false;
    }
  }
  uint64_t trip;
  const uint64_t size = f.blocks[loop.exit - 1].end - f.blocks[loop.header].first;
  // Allocations and divisions count for some tens of instructions at most.
  return !(is_flat && known_trip(f, loop, trip) && trip < kMinWork / 32 / (size + 1));
}

}  // namespace omega::opt
