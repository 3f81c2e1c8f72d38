// SPDX-License-Identifier: Apache-2.0
// Computes once what a dominating instruction has computed already; within a block also what memory gave.
#include <algorithm>
#include <unordered_map>

#include "omega/base/hash.h"
#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/opt/editor.h"
#include "omega/opt/lengths.h"
#include "omega/opt/pass.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::Op;
using ir::ValueId;

namespace {

class Sharer {
 public:
  explicit Sharer(ir::Function& function) : f_(function), flow_(function), editor_(function) {}

  bool run() {
    for (const Inst& inst : f_.insts) {
      lengths_change_ = lengths_change_ || changes_lengths(inst);
    }
    std::vector<std::vector<BlockId>> children(f_.blocks.size());
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
    auto enter = [&](BlockId b) {
      stack.push_back({b, 0, undo_.size()});
      visit(b);
    };
    enter(0);
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.next_child < children[frame.block].size()) {
        enter(children[frame.block][frame.next_child++]);
        continue;
      }
      while (undo_.size() > frame.undo) {
        table_[undo_.back()].pop_back();
        undo_.pop_back();
      }
      stack.pop_back();
    }
    if (!changed_) {
      return false;
    }
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      editor_.removed[b] = !flow_.reachable(b);
      std::erase_if(editor_.blocks[b], [&](ValueId i) { return gone_[i]; });
    }
    editor_.finish();
    return true;
  }

 private:
  enum class Reach : uint8_t { Never, Function, Block };

  // Where an equal instruction gives the same.
  Reach reach(const Inst& inst) const {
    switch (inst.op) {
      case Op::ArrayLength:
      case Op::CheckIndex: return lengths_change_ ? Reach::Block : Reach::Function;
      case Op::Load:
      case Op::ElementGet:
      case Op::FixedGet:
      case Op::ElementAddress: return Reach::Block;
      case Op::Param:
      case Op::BlockArg:
      case Op::Result:
      case Op::ConstString:
      case Op::ConstWide:
      case Op::CheckThat: return Reach::Never;
      // The bytes behind a reference may be others by then.
      case Op::StateEntry: return f_.insts[inst.b].type == ir::Type::Ref ? Reach::Never : Reach::Function;
      default: {
        const uint8_t effects = ir::op_info(inst.op).effects;
        return effects == ir::kPure || effects == ir::kMayPanic ? Reach::Function : Reach::Never;
      }
    }
  }

  static bool same(const Inst& x, const Inst& y) { return x.op == y.op && x.type == y.type && x.flags == y.flags && x.a == y.a && x.b == y.b && x.c == y.c; }

  static uint64_t hash(const Inst& inst) {
    const uint64_t head = static_cast<uint64_t>(inst.op) | static_cast<uint64_t>(inst.flags) << 8 | static_cast<uint64_t>(inst.type) << 16;
    return base::hash_combine(head ^ static_cast<uint64_t>(inst.c) << 32, static_cast<uint64_t>(inst.a) << 32 | inst.b);
  }

  void visit(BlockId b) {
    ++memory_;  // what was loaded in other blocks says nothing here
    lengths_ = memory_;
    for (const ValueId i : editor_.blocks[b]) {
      Inst& inst = editor_.inst(i);
      ir::for_each_value(f_, inst, [&](uint32_t& value) { value = editor_.resolve(value); });
      const uint8_t effects = ir::op_info(inst.op).effects;
      if (changes_lengths(inst)) {
        lengths_ = ++memory_;
      } else if ((effects & (ir::kWrites | ir::kIo)) != 0) {
        ++memory_;
      }
      const Reach where = reach(inst);
      if (where == Reach::Never) {
        continue;
      }
      const uint64_t key = hash(inst);
      auto& bucket = table_[key];
      const bool is_length = inst.op == Op::ArrayLength || inst.op == Op::CheckIndex || inst.op == Op::ElementAddress;
      const uint32_t needed = where == Reach::Function ? 0 : is_length ? lengths_ : memory_;
      const auto found = std::find_if(bucket.rbegin(), bucket.rend(), [&](const Entry& e) { return e.memory >= needed && same(editor_.inst(e.value), inst); });
      if (found != bucket.rend()) {
        if (inst.type != ir::Type::Void) {
          editor_.replace(i, found->value);
        }
        gone_[i] = changed_ = true;
        continue;
      }
      bucket.push_back({i, memory_});
      undo_.push_back(key);
    }
  }

  struct Entry {
    ValueId value;
    uint32_t memory;  ///< how often memory had been written
  };

  ir::Function& f_;
  ir::ControlFlow flow_;
  Editor editor_;
  std::unordered_map<uint64_t, std::vector<Entry>> table_;
  std::vector<uint64_t> undo_;
  std::vector<bool> gone_ = std::vector<bool>(f_.insts.size(), false);
  uint32_t memory_ = 0, lengths_ = 0;
  bool lengths_change_ = false;
  bool changed_ = false;
};

}  // namespace

bool common_subexpressions(const ir::Module&, ir::Function& function) { return !function.is_extern && Sharer(function).run(); }

}  // namespace omega::opt
