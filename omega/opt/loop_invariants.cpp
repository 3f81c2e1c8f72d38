// SPDX-License-Identifier: Apache-2.0
// Moves what every iteration computes anew to before its loop.
#include <algorithm>

#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/opt/editor.h"
#include "omega/opt/function_copier.h"
#include "omega/opt/lengths.h"
#include "omega/opt/pass.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::LoopId;
using ir::Op;
using ir::ValueId;

namespace {

// Computing it earlier, or in vain, is never noticed.
bool is_movable(const Editor& editor, const Inst& inst, bool lengths_change) {
  switch (inst.op) {
    case Op::Param:
    case Op::BlockArg:
    case Op::Result: return false;
    // The bytes behind a reference may be others by then.
    case Op::StateEntry: return editor.inst(inst.b).type != ir::Type::Ref;
    case Op::ArrayLength: return !lengths_change;
    default:
      return !is_constant(inst.op) && (ir::op_info(inst.op).effects & (ir::kPure | ir::kMayPanic)) != 0 && inst.type != ir::Type::Void &&
             ir::is_removable(inst);
  }
}

}  // namespace

bool loop_invariants(const ir::Module&, ir::Function& function) {
  if (function.loops.empty()) {
    return false;
  }
  const ir::ControlFlow flow(function);
  std::vector<LoopId> inner_first(function.loops.size());
  for (LoopId i = 0; i < inner_first.size(); ++i) {
    inner_first[i] = i;
  }
  std::sort(inner_first.begin(), inner_first.end(), [&](LoopId a, LoopId b) {
    const uint32_t x = function.loops[a].exit - function.loops[a].header, y = function.loops[b].exit - function.loops[b].header;
    return x != y ? x < y : a < b;
  });
  std::vector<BlockId> block_of(function.insts.size());
  for (BlockId b = 0; b < function.blocks.size(); ++b) {
    std::fill(block_of.begin() + function.blocks[b].first, block_of.begin() + function.blocks[b].end, b);
  }
  Editor editor(function);
  bool changed = false;
  std::vector<uint32_t> places;  // of the loop's blocks in `flow.order`
  for (const LoopId id : inner_first) {
    const ir::Loop loop = function.loops[id];
    auto inside = [&](BlockId b) { return b >= loop.header && b < loop.exit; };
    // The only way in must be a plain branch.
    BlockId before = kNone;
    bool single = flow.reachable(loop.header);
    for (const BlockId p : flow.predecessors(loop.header)) {
      if (!inside(p) && flow.reachable(p)) {
        single = single && before == kNone;
        before = p;
      }
    }
    if (!single || before == kNone || editor.inst(editor.blocks[before].back()).op != Op::Br) {
      continue;
    }
    bool lengths_change = false, entered_elsewhere = false;
    for (BlockId b = loop.header; b < loop.exit; ++b) {
      for (const ValueId i : editor.blocks[b]) {
        lengths_change = lengths_change || changes_lengths(editor.inst(i));
      }
      for (const BlockId p : flow.predecessors(b)) {
        entered_elsewhere = entered_elsewhere || (b != loop.header && !inside(p) && flow.reachable(p));
      }
    }
    if (entered_elsewhere) {
      continue;
    }
    places.clear();
    for (BlockId b = loop.header; b < loop.exit; ++b) {
      if (flow.reachable(b)) {
        places.push_back(flow.position[b]);
      }
    }
    std::sort(places.begin(), places.end());
    for (const uint32_t place : places) {
      auto& order = editor.blocks[flow.order[place]];
      size_t kept = 0;
      for (size_t k = 0; k < order.size(); ++k) {
        const ValueId i = order[k];
        bool moves = is_movable(editor, editor.inst(i), lengths_change);
        if (moves) {
          ir::for_each_value(function, editor.inst(i), [&](const uint32_t& value) { moves = moves && !inside(block_of[value]); });
        }
        if (!moves) {
          order[kept++] = i;
          continue;
        }
        editor.blocks[before].insert(editor.blocks[before].end() - 1, i);
        block_of[i] = before;
        changed = true;
      }
      order.resize(kept);
    }
  }
  if (changed) {
    editor.finish();
  }
  return changed;
}

}  // namespace omega::opt
