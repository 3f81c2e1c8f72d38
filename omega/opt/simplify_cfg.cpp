// SPDX-License-Identifier: Apache-2.0
// Joins blocks that follow each other without choice and removes those that nothing reaches.
#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/opt/editor.h"
#include "omega/opt/pass.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::Op;
using ir::ValueId;

bool simplify_cfg(const ir::Module&, ir::Function& function) {
  if (function.is_extern) {
    return false;
  }
  const ir::ControlFlow flow(function);
  const auto blocks = static_cast<BlockId>(function.blocks.size());
  // Loop records name these; they stay blocks of their own.
  std::vector<bool> pinned(blocks, false);
  for (const ir::Loop& loop : function.loops) {
    pinned[loop.header] = pinned[loop.exit] = pinned[loop.body] = pinned[loop.latch] = true;
  }
  bool changed = false;
  for (BlockId b = 0; b < blocks && !changed; ++b) {
    const Inst& last = function.insts[function.blocks[b].end - 1];
    changed = !flow.reachable(b) || (last.op == Op::Br && !pinned[last.a] && flow.predecessors(last.a).size() == 1);
  }
  if (!changed) {
    return false;
  }
  Editor editor(function);
  for (BlockId b = 0; b < blocks; ++b) {
    editor.removed[b] = !flow.reachable(b);
  }
  for (const BlockId b : flow.order) {
    if (editor.removed[b]) {
      continue;
    }
    for (;;) {
      const ValueId end = editor.blocks[b].back();
      const Inst last = editor.inst(end);
      if (last.op != Op::Br || pinned[last.a] || editor.removed[last.a] || flow.predecessors(last.a).size() != 1) {
        break;
      }
      const BlockId next = last.a;
      const std::vector<uint32_t> args(function.extra.data() + last.b, function.extra.data() + last.b + last.c);
      editor.blocks[b].pop_back();
      for (const ValueId i : editor.blocks[next]) {
        if (editor.inst(i).op == Op::BlockArg) {
          editor.replace(i, args[editor.inst(i).a]);
        } else {
          editor.blocks[b].push_back(i);
        }
      }
      editor.removed[next] = true;
    }
  }
  editor.finish();
  return true;
}

}  // namespace omega::opt
