// SPDX-License-Identifier: Apache-2.0
// Puts the bodies of small functions in place of calls. Runs before slots_to_values, on functions as the checker left them.
#include <algorithm>

#include "omega/ir/op_info.h"
#include "omega/opt/function_copier.h"
#include "omega/opt/pass.h"

namespace omega::opt {

using ir::BlockId;
using ir::FunctionBuilder;
using ir::Inst;
using ir::kNone;
using ir::Label;
using ir::Op;
using ir::ValueId;

namespace {

constexpr uint32_t kMaxCallee = 40;     ///< instructions of what is put in place
constexpr uint32_t kMaxGrowth = 4'000;  ///< instructions added to one function

/// Small, without loops and calls (so nothing recurs), in the same file, so that places stay right.
bool is_small(const ir::Function& callee, const ir::Function& caller) {
  if (callee.is_extern || callee.file != caller.file || callee.insts.size() > kMaxCallee || !callee.loops.empty() || callee.blocks.empty()) {
    return false;
  }
  bool returns = false;
  for (const Inst& inst : callee.insts) {
    switch (inst.op) {
      case Op::Call:
      case Op::CallClosure:
      case Op::ParallelFor:
      case Op::StackObject: return false;
      case Op::Ret: returns = true; break;
      default: break;
    }
  }
  // Blocks in an order in which values come before their uses.
  for (const ir::Block& block : callee.blocks) {
    bool forward = true;
    ir::for_each_successor(callee, callee.insts[block.end - 1],
                           [&](BlockId to, std::span<const uint32_t>) { forward = forward && callee.blocks[to].first >= block.end; });
    if (!forward) {
      return false;
    }
  }
  return returns;
}

class Inliner {
 public:
  Inliner(const ir::Module& module, const ir::Function& caller) : module_(module), f_(caller), copier_(f_, b_) {}

  ir::Function run() {
    b_.begin(f_.name, f_.file, f_.location, {f_.params.data(), f_.params.size()}, {f_.results.data(), f_.results.size()});
    for (ir::SlotId slot = 0; slot < f_.slots.size(); ++slot) {
      copier_.slot(slot);
    }
    for (BlockId block = 0; block < f_.blocks.size(); ++block) {
      if (block != 0) {
        b_.start_block(copier_.label(block));
      }
      for (ValueId i = f_.blocks[block].first; i < f_.blocks[block].end; ++i) {
        const Inst& inst = f_.insts[i];
        if (inst.op == Op::Call && grown_ < kMaxGrowth && is_small(module_.functions[inst.a], f_)) {
          i = inline_call(i);
        } else {
          copier_.copy_inst(i);
        }
      }
    }
    for (ir::LoopId id = 0; id < f_.loops.size(); ++id) {
      copier_.copy_loop(id, kNone);
    }
    for (ir::LoopId id = 0; id < f_.loops.size(); ++id) {
      b_.loop(copier_.loop(id)).parent = copier_.loop(f_.loops[id].parent);
    }
    return b_.finish();
  }

 private:
  // Copies the callee; the last instruction of the call (it, or its results).
  ValueId inline_call(ValueId call) {
    const Inst& inst = f_.insts[call];
    const ir::Function& callee = module_.functions[inst.a];
    grown_ += static_cast<uint32_t>(callee.insts.size());
    FunctionCopier copier(callee, b_);
    const auto args = f_.args(inst);
    for (uint32_t k = 0; k < args.size(); ++k) {
      copier.map_value(k, copier_.value(args[k]));
    }
    // Its variables begin at zero each time.
    for (ir::SlotId slot = 0; slot < callee.slots.size(); ++slot) {
      const ir::Type type = callee.slots[slot].type;
      const ValueId zero = type == ir::Type::F64 ? b_.const_f64(0) : type == ir::Type::F32 ? b_.const_f32(0) : b_.const_int(type, 0);
      b_.set(copier.slot(slot), zero);
    }
    const Label behind = b_.new_label();
    for (BlockId block = 0; block < callee.blocks.size(); ++block) {
      if (block != 0) {
        b_.start_block(copier.label(block));
      }
      for (ValueId i = callee.blocks[block].first; i < callee.blocks[block].end; ++i) {
        const Inst& one = callee.insts[i];
        if (one.op == Op::Param) {
          continue;
        }
        if (one.op == Op::Ret) {
          std::vector<uint32_t> values;
          for (const uint32_t value : callee.args(one)) {
            values.push_back(copier.value(value));
          }
          b_.set_location(f_.locations[call]);
          b_.br(behind, values);
          continue;
        }
        copier.copy_inst(i);
      }
    }
    b_.start_block(behind);
    b_.set_location(f_.locations[call]);
    std::vector<ValueId> results;
    results.reserve(callee.results.size());
    for (uint32_t k = 0; k < callee.results.size(); ++k) {
      results.push_back(b_.block_arg(k, callee.results[k]));
    }
    if (!results.empty()) {
      copier_.map_value(call, results[0]);
    }
    ValueId last = call;
    while (f_.insts[last + 1].op == Op::Result && f_.insts[last + 1].a == call) {
      ++last;
      copier_.map_value(last, results[f_.insts[last].b]);
    }
    return last;
  }

  const ir::Module& module_;
  const ir::Function& f_;
  FunctionBuilder b_;
  FunctionCopier copier_;
  uint32_t grown_ = 0;
};

}  // namespace

bool inlining(const ir::Module& module, ir::Function& function) {
  const bool any = std::any_of(function.insts.begin(), function.insts.end(),
                               [&](const Inst& inst) { return inst.op == Op::Call && is_small(module.functions[inst.a], function); });
  if (!any) {
    return false;
  }
  function = Inliner(module, function).run();
  return true;
}

}  // namespace omega::opt
