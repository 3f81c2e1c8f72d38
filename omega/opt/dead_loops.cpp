// SPDX-License-Identifier: Apache-2.0
// Removes loops that certainly end, change nothing and leave no value behind, and parallel loops whose body does nothing.
#include <algorithm>

#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/opt/editor.h"
#include "omega/opt/pass.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::LoopId;
using ir::Op;
using ir::ValueId;

namespace {

/// Whether leaving out the instruction loses its value at most; branches among blocks that are left out together, too.
bool is_without_effect(const Inst& inst) { return inst.op == Op::Br || inst.op == Op::CondBr || ir::is_removable(inst); }

/// Whether a function that is called for its effects alone has none and returns: it is tried on a copy.
bool does_nothing(const ir::Module& module, ir::FunctionId id) {
  const ir::Function& function = module.functions[id];
  const auto is_harmless = [](const Inst& inst) { return inst.op == Op::SlotSet || inst.op == Op::Ret || is_without_effect(inst); };
  if (function.is_extern || !std::all_of(function.insts.begin(), function.insts.end(), is_harmless)) {
    return false;
  }
  ir::Function copy = function;
  slots_to_values(module, copy);
  dead_code(module, copy);
  dead_loops(module, copy);
  const ir::ControlFlow flow(copy);
  bool ends = true;
  for (const BlockId b : flow.order) {
    ir::for_each_successor(copy, copy.insts[copy.blocks[b].end - 1],
                           [&](BlockId to, std::span<const uint32_t>) { ends = ends && flow.position[to] > flow.position[b]; });
  }
  return ends;
}

class LoopRemover {
 public:
  LoopRemover(const ir::Module& module, ir::Function& function) : module_(module), f_(function), flow_(function), block_of_(function.insts.size()) {}

  bool run() {
    nest_loops();
    find_dead_parallel_loops();
    for (const BlockId b : flow_.order) {
      for (ValueId i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
        look_at(i, b);
      }
      ir::for_each_successor(f_, f_.insts[f_.blocks[b].end - 1],
                             [&](BlockId to, std::span<const uint32_t> arguments) { look_at_edge(b, to, !arguments.empty()); });
    }
    return remove();
  }

 private:
  [[nodiscard]] bool contains(LoopId loop, BlockId b) const { return b >= f_.loops[loop].header && b < f_.loops[loop].exit; }

  // Loops from the outside in; of each its parent, of each block its innermost one.
  void nest_loops() {
    const auto count = static_cast<LoopId>(f_.loops.size());
    outer_first_.resize(count);
    for (LoopId i = 0; i < count; ++i) {
      outer_first_[i] = i;
    }
    std::stable_sort(outer_first_.begin(), outer_first_.end(),
                     [&](LoopId a, LoopId b) { return f_.loops[a].exit - f_.loops[a].header > f_.loops[b].exit - f_.loops[b].header; });
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      std::fill(block_of_.begin() + f_.blocks[b].first, block_of_.begin() + f_.blocks[b].end, b);
    }
    parent_.assign(count, kNone);
    stays_.assign(count, false);
    innermost_.assign(f_.blocks.size(), kNone);
    for (const LoopId loop : outer_first_) {
      parent_[loop] = innermost_[f_.loops[loop].header];
      std::fill(innermost_.begin() + f_.loops[loop].header, innermost_.begin() + f_.loops[loop].exit, loop);
    }
    for (LoopId loop = 0; loop < count; ++loop) {
      stays_[loop] = !flow_.reachable(f_.loops[loop].header) || !ends(loop);
    }
  }

  void find_dead_parallel_loops() {
    for (const BlockId b : flow_.order) {
      for (ValueId i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
        if (f_.insts[i].op == Op::ParallelFor) {
          const ir::ParallelForRecord& record = ir::parallel_for_record(f_, f_.insts[i]);
          if (record.combine == kNone && does_nothing(module_, record.body)) {
            dead_parallel_.push_back(i);
          }
        }
      }
    }
    std::sort(dead_parallel_.begin(), dead_parallel_.end());
  }
  [[nodiscard]] bool is_dead_parallel(ValueId i) const { return std::binary_search(dead_parallel_.begin(), dead_parallel_.end(), i); }

  // From `loop` outwards, those for which `is_concerned` holds stay.
  template <class Concerned>
  void keep(LoopId loop, Concerned&& is_concerned) {
    for (; loop != kNone && is_concerned(loop); loop = parent_[loop]) {
      stays_[loop] = true;
    }
  }

  void look_at(ValueId i, BlockId b) {
    const Inst& inst = f_.insts[i];
    if (innermost_[b] != kNone && !is_without_effect(inst) && !is_dead_parallel(i)) {
      keep(innermost_[b], [](LoopId) { return true; });
    }
    ir::for_each_value(f_, inst, [&](const uint32_t& value) {
      if (block_of_[value] != b) {
        keep(innermost_[block_of_[value]], [&](LoopId loop) { return !contains(loop, b); });
      }
    });
  }

  void look_at_edge(BlockId from, BlockId to, bool passes_values) {
    // Ways in but by the head, and ways out but to what follows.
    for (LoopId loop = innermost_[to]; loop != kNone && !contains(loop, from); loop = parent_[loop]) {
      stays_[loop] = stays_[loop] || to != f_.loops[loop].header;
    }
    for (LoopId loop = innermost_[from]; loop != kNone && !contains(loop, to); loop = parent_[loop]) {
      stays_[loop] = stays_[loop] || to != f_.loops[loop].exit || passes_values;
    }
    // A way back must be that of a loop which ends.
    if (flow_.position[to] <= flow_.position[from]) {
      LoopId own = innermost_[to];
      while (own != kNone && (f_.loops[own].header != to || !contains(own, from))) {
        own = parent_[own];
      }
      if (own == kNone || !ends(own)) {
        keep(innermost_[from], [](LoopId) { return true; });
      }
    }
  }

  // Whether a loop counts towards a bound that it reaches before its counter wraps.
  [[nodiscard]] bool ends(LoopId id) const {
    const ir::Loop& loop = f_.loops[id];
    const Inst& branch = f_.insts[f_.blocks[loop.header].end - 1];
    if (branch.op != Op::CondBr || contains(id, f_.extra[branch.b + 2 + f_.extra[branch.b + 1]])) {
      return false;
    }
    const Inst& test = f_.insts[branch.a];
    if (test.op < Op::Lt || test.op > Op::Ge || !ir::is_integer(f_.insts[test.a].type) || ir::is_wide(f_.insts[test.a].type)) {
      return false;
    }
    const Inst& counter = f_.insts[test.a];
    const Inst& bound = f_.insts[test.b];
    if (counter.op != Op::BlockArg || block_of_[test.a] != loop.header || (bound.op != Op::Const && contains(id, block_of_[test.b]))) {
      return false;
    }
    int64_t step = 0;
    for (const BlockId p : flow_.predecessors(loop.header)) {
      if (!flow_.reachable(p) || !contains(id, p)) {
        continue;
      }
      const int64_t by = step_on(p, loop.header, counter.a, test.a);
      if (by == 0 || (step != 0 && by != step)) {
        return false;
      }
      step = by;
    }
    return step != 0 && reaches(test.op, step, bound);
  }

  // By how much the edge from `from` to `header` moves its argument `counter`, the `index`-th; 0 when that is not known.
  [[nodiscard]] int64_t step_on(BlockId from, BlockId header, uint32_t index, ValueId counter) const {
    int64_t step = 0;
    bool first = true;
    ir::for_each_successor(f_, f_.insts[f_.blocks[from].end - 1], [&](BlockId to, std::span<const uint32_t> arguments) {
      if (to != header) {
        return;
      }
      const Inst& next = f_.insts[arguments[index]];
      int64_t by = 0;
      if ((next.op == Op::Add || next.op == Op::Sub) && next.a == counter && f_.insts[next.b].op == Op::Const) {
        by = ir::const_value(f_.insts[next.b]);
        by = by == INT64_MIN ? 0 : next.op == Op::Sub ? -by : by;
      }
      step = first || by == step ? by : 0;
      first = false;
    });
    return step;
  }

  // A step of one cannot pass the bound it is compared with; a longer one, or a bound that belongs to the range, needs room behind it.
  static bool reaches(Op test, int64_t step, const Inst& bound) {
    const bool upwards = test == Op::Lt || test == Op::Le;
    if (upwards != (step > 0)) {
      return false;
    }
    const uint64_t distance = upwards ? static_cast<uint64_t>(step) : uint64_t{0} - static_cast<uint64_t>(step);
    const uint64_t overshoot = test == Op::Lt || test == Op::Gt ? distance - 1 : distance;
    if (overshoot == 0) {
      return true;
    }
    if (bound.op != Op::Const) {
      return false;
    }
    const uint32_t bits = ir::bit_width(bound.type);
    const auto value = static_cast<uint64_t>(ir::const_value(bound));
    const uint64_t all = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
    const uint64_t smallest = ir::is_signed(bound.type) ? uint64_t{0} - (all / 2 + 1) : 0;
    const uint64_t room = upwards ? smallest + all - value : value - smallest;
    return overshoot <= room;
  }

  bool remove() {
    const bool all_stay = std::find(stays_.begin(), stays_.end(), false) == stays_.end();
    if (all_stay && dead_parallel_.empty()) {
      return false;
    }
    Editor editor(f_);
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      editor.removed[b] = !flow_.reachable(b);
    }
    for (const LoopId id : outer_first_) {
      const ir::Loop& loop = f_.loops[id];
      if (stays_[id] || editor.removed[loop.header]) {
        continue;
      }
      editor.make_branch(editor.blocks[loop.header].back(), loop.exit, {});
      for (BlockId b = loop.header + 1; b < loop.exit; ++b) {
        editor.removed[b] = true;
      }
    }
    for (const ValueId i : dead_parallel_) {
      std::erase(editor.blocks[block_of_[i]], i);
    }
    editor.finish();
    return true;
  }

  const ir::Module& module_;
  ir::Function& f_;
  ir::ControlFlow flow_;
  std::vector<BlockId> block_of_;
  std::vector<LoopId> outer_first_;
  std::vector<LoopId> parent_;
  std::vector<LoopId> innermost_;
  std::vector<bool> stays_;
  std::vector<ValueId> dead_parallel_;
};

}  // namespace

bool dead_loops(const ir::Module& module, ir::Function& function) {
  const auto is_parallel = [](const Inst& inst) { return inst.op == Op::ParallelFor; };
  if (function.is_extern || (function.loops.empty() && std::none_of(function.insts.begin(), function.insts.end(), is_parallel))) {
    return false;
  }
  return LoopRemover(module, function).run();
}

}  // namespace omega::opt
