// SPDX-License-Identifier: Apache-2.0
// Removes instructions whose values nobody needs, block arguments with them, and code that cannot be reached.
#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/ir/runtime_functions.h"
#include "omega/opt/editor.h"
#include "omega/opt/pass.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::Op;
using ir::ValueId;

namespace {

class Sweeper {
 public:
  explicit Sweeper(ir::Function& function) : f_(function), flow_(function), block_of_(function.insts.size(), 0), live_(function.insts.size(), false) {}

  bool run() {
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      for (ValueId i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
        block_of_[i] = b;
      }
    }
    // What must stay whatever its value.
    for (const BlockId b : flow_.order) {
      for (ValueId i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
        const Inst& inst = f_.insts[i];
        // Results stay behind their call, all of them.
        if (inst.op == Op::Param || inst.op == Op::Result || !(ir::is_removable(inst) || removable_call(inst))) {
          mark(i);
        }
      }
    }
    while (!work_.empty()) {
      const ValueId i = work_.back();
      work_.pop_back();
      visit(f_.insts[i], i);
    }
    return sweep();
  }

 private:
  static bool removable_call(const Inst& inst) {
    if (inst.op != Op::CallRuntime) {
      return false;
    }
    for (const char letter : ir::runtime_function(static_cast<ir::RuntimeFunctionId>(inst.a)).effects) {
      if (letter == 'C' || letter == 'W' || letter == 'I') {
        return false;
      }
    }
    return true;
  }

  void mark(ValueId i) {
    if (!live_[i]) {
      live_[i] = true;
      work_.push_back(i);
    }
  }

  void visit(const Inst& inst, ValueId i) {
    switch (inst.op) {
      case Op::Br: return;  // arguments are needed where the target's are
      case Op::CondBr: mark(inst.a); return;
      case Op::BlockArg: {
        const BlockId block = block_of_[i];
        for (const BlockId p : flow_.predecessors(block)) {
          if (!flow_.reachable(p)) {
            continue;
          }
          ir::for_each_successor(f_, f_.insts[f_.blocks[p].end - 1], [&](BlockId to, std::span<const uint32_t> args) {
            if (to == block) {
              mark(args[inst.a]);
            }
          });
        }
        return;
      }
      default: ir::for_each_value(f_, inst, [&](const uint32_t& value) { mark(value); }); return;
    }
  }

  bool sweep() {
    bool changed = false;
    for (ValueId i = 0; i < f_.insts.size() && !changed; ++i) {
      changed = !live_[i];
    }
    if (!changed) {
      return false;
    }
    Editor editor(f_);
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      if (!flow_.reachable(b)) {
        editor.removed[b] = true;
        continue;
      }
      std::vector<ValueId> order;
      uint32_t position = 0;
      for (const ValueId i : editor.blocks[b]) {
        if (live_[i]) {
          if (editor.inst(i).op == Op::BlockArg) {
            editor.inst(i).a = position++;
          }
          order.push_back(i);
        }
      }
      editor.blocks[b] = std::move(order);
    }
    for (const BlockId b : flow_.order) {
      shorten(editor, editor.blocks[b].back());
    }
    editor.finish();
    return true;
  }

  // Branch arguments for block arguments that are gone.
  void shorten(Editor& editor, ValueId terminator) {
    const Inst inst = editor.inst(terminator);
    if (inst.op != Op::Br && inst.op != Op::CondBr) {
      return;
    }
    std::vector<uint32_t> words;
    ir::for_each_successor(f_, inst, [&](BlockId to, std::span<const uint32_t> args) {
      std::vector<uint32_t> kept;
      for (uint32_t k = 0; k < args.size(); ++k) {
        if (live_[f_.blocks[to].first + k]) {
          kept.push_back(args[k]);
        }
      }
      if (inst.op == Op::CondBr) {
        words.push_back(to);
        words.push_back(static_cast<uint32_t>(kept.size()));
      }
      words.insert(words.end(), kept.begin(), kept.end());
    });
    const uint32_t at = editor.add_extra(words);
    editor.inst(terminator).b = at;
    if (inst.op == Op::Br) {
      editor.inst(terminator).c = static_cast<uint32_t>(words.size());
    }
  }

  ir::Function& f_;
  ir::ControlFlow flow_;
  std::vector<BlockId> block_of_;
  std::vector<bool> live_;
  std::vector<ValueId> work_;
};

}  // namespace

bool dead_code(const ir::Module&, ir::Function& function) { return !function.is_extern && Sweeper(function).run(); }

}  // namespace omega::opt
