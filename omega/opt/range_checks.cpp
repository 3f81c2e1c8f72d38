// SPDX-License-Identifier: Apache-2.0
// Removes bounds and overflow checks that ranges of values and conditions passed on the way make superfluous.
#include <algorithm>

#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/opt/editor.h"
#include "omega/opt/lengths.h"
#include "omega/opt/pass.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;
using ir::ValueId;

namespace {

using Wide = __int128;

struct Range {
  Wide low, high;
};

/// No array is longer.
constexpr int64_t kMaxLength = int64_t{1} << 60;

bool has_range(Type type) { return ir::is_integer(type) && !ir::is_wide(type); }

Range type_range(Type type) {
  const uint32_t bits = ir::bit_width(type);
  const Wide one = 1;
  return ir::is_signed(type) ? Range{-(one << (bits - 1)), (one << (bits - 1)) - 1} : Range{0, (one << bits) - 1};
}

class RangeWalk {
 public:
  explicit RangeWalk(ir::Function& function)
      : f_(function), flow_(function), gone_(function.insts.size(), false), ranges_(function.insts.size(), Range{0, 0}), above_(function.insts.size()) {}

  bool run() {
    if (std::none_of(f_.insts.begin(), f_.insts.end(),
                     [](const Inst& i) { return (i.flags & ir::kChecked) != 0 || i.op == Op::CheckIndex || i.op == Op::CheckBound; })) {
      return false;
    }
    for (const Inst& inst : f_.insts) {
      lengths_change_ = lengths_change_ || changes_lengths(inst);
    }
    for (ValueId i = 0; i < f_.insts.size(); ++i) {
      if (has_range(f_.insts[i].type)) {
        ranges_[i] = type_range(f_.insts[i].type);
      }
    }
    walk();
    if (std::find(gone_.begin(), gone_.end(), true) == gone_.end()) {
      return flags_changed_;
    }
    Editor editor(f_);
    for (auto& order : editor.blocks) {
      std::erase_if(order, [&](ValueId i) { return gone_[i]; });
    }
    editor.finish();
    return true;
  }

 private:
  struct Undo {
    ValueId value;
    Range range;
    bool is_bound;
  };

  void walk() {
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
      visit_block(b);
    };
    enter(0);
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.next_child < children[frame.block].size()) {
        enter(children[frame.block][frame.next_child++]);
        continue;
      }
      while (undo_.size() > frame.undo) {
        const Undo& u = undo_.back();
        if (u.is_bound) {
          above_[u.value].pop_back();
        } else {
          ranges_[u.value] = u.range;
        }
        undo_.pop_back();
      }
      stack.pop_back();
    }
  }

  void narrow(ValueId value, Wide low, Wide high) {
    Range& now = ranges_[value];
    if (low <= now.low && high >= now.high) {
      return;
    }
    const Range next{std::max(low, now.low), std::min(high, now.high)};
    if (next.low > next.high) {
      return;  // code that cannot be reached
    }
    undo_.push_back({value, now, false});
    now = next;
  }

  void is_less(ValueId a, ValueId b) {
    if (!has_range(f_.insts[a].type)) {
      return;
    }
    narrow(a, ranges_[a].low, ranges_[b].high - 1);
    narrow(b, ranges_[a].low + 1, ranges_[b].high);
    above_[a].push_back(b);
    undo_.push_back({a, {}, true});
  }

  void is_at_most(ValueId a, ValueId b) {
    if (has_range(f_.insts[a].type)) {
      narrow(a, ranges_[a].low, ranges_[b].high);
      narrow(b, ranges_[a].low, ranges_[b].high);
    }
  }

  void assume(const Inst& condition, bool holds) {
    switch (condition.op) {
      case Op::Lt: return holds ? is_less(condition.a, condition.b) : is_at_most(condition.b, condition.a);
      case Op::Ge: return holds ? is_at_most(condition.b, condition.a) : is_less(condition.a, condition.b);
      case Op::Gt: return holds ? is_less(condition.b, condition.a) : is_at_most(condition.a, condition.b);
      case Op::Le: return holds ? is_at_most(condition.a, condition.b) : is_less(condition.b, condition.a);
      case Op::Eq:
        if (holds) {
          is_at_most(condition.a, condition.b);
          is_at_most(condition.b, condition.a);
        }
        return;
      default: return;
    }
  }

  void visit_block(BlockId b) {
    // A block with one way in knows which way its predecessor went.
    const auto preds = flow_.predecessors(b);
    if (preds.size() == 1 && flow_.reachable(preds[0])) {
      const Inst& last = f_.insts[f_.blocks[preds[0]].end - 1];
      if (last.op == Op::CondBr) {
        const BlockId then_block = f_.extra[last.b];
        assume(f_.insts[last.a], then_block == b);
      }
    }
    for (ValueId i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      visit(b, i);
    }
  }

  void visit(BlockId b, ValueId i) {
    Inst& inst = f_.insts[i];
    if ((inst.op == Op::CheckIndex || inst.op == Op::CheckBound) && !has_range(f_.insts[inst.a].type)) {
      return;
    }
    switch (inst.op) {
      case Op::CheckIndex:
        if (ranges_[inst.a].low >= 0 && below_length(inst.a, inst.b)) {
          gone_[i] = true;
        } else {
          narrow(inst.a, 0, kMaxLength);
        }
        return;
      case Op::CheckBound:
        if (ranges_[inst.a].low >= 0 && ranges_[inst.a].high < inst.b) {
          gone_[i] = true;
        } else {
          narrow(inst.a, 0, static_cast<Wide>(inst.b) - 1);
        }
        return;
      case Op::CheckThat: assume(f_.insts[inst.a], true); return;
      default: break;
    }
    if (!has_range(inst.type)) {
      return;
    }
    if (inst.op == Op::BlockArg) {
      argument(b, i, inst);
      return;
    }
    const Range limits = type_range(inst.type);
    Range result = limits;
    if (!compute(inst, result)) {
      return;
    }
    if (result.low >= limits.low && result.high <= limits.high) {
      if ((inst.flags & ir::kChecked) != 0 && drops_check(inst.op)) {
        inst.flags &= static_cast<uint8_t>(~ir::kChecked);
        flags_changed_ = true;
      }
      ranges_[i] = result;
    } else if ((inst.flags & ir::kChecked) != 0) {
      ranges_[i] = {std::max(result.low, limits.low), std::min(result.high, limits.high)};
    }
  }

  static bool drops_check(Op op) { return op == Op::Add || op == Op::Sub || op == Op::Mul || op == Op::Neg || op == Op::Cast || op == Op::Abs; }

  // The exact result's range; false when nothing is known but the type.
  bool compute(const Inst& inst, Range& r) const {
    auto of = [&](ValueId v) { return ranges_[v]; };
    switch (inst.op) {
      case Op::Const: {
        const int64_t n = ir::const_value(inst);
        const Wide value = ir::is_signed(inst.type) ? static_cast<Wide>(n) : static_cast<Wide>(static_cast<uint64_t>(n));
        r = {value, value};
        return true;
      }
      case Op::Add: r = {of(inst.a).low + of(inst.b).low, of(inst.a).high + of(inst.b).high}; return true;
      case Op::Sub: r = {of(inst.a).low - of(inst.b).high, of(inst.a).high - of(inst.b).low}; return true;
      case Op::Mul: {
        const Range a = of(inst.a), b = of(inst.b);
        // Products of 64-bit values fit 128 bits, but for two unsigned ones.
        if (a.high > INT64_MAX && b.high > INT64_MAX) {
          return false;
        }
        const Wide p[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
        r = {*std::min_element(p, p + 4), *std::max_element(p, p + 4)};
        return true;
      }
      case Op::Neg: r = {-of(inst.a).high, -of(inst.a).low}; return true;
      case Op::Div: {
        const Range a = of(inst.a), b = of(inst.b);
        if (b.low < 1) {
          return false;
        }
        r = {a.low < 0 ? a.low / b.low : a.low / b.high, a.high < 0 ? a.high / b.high : a.high / b.low};
        return true;
      }
      case Op::Mod: {
        const Range a = of(inst.a), b = of(inst.b);
        if (b.low < 1) {
          return false;
        }
        r = {a.low < 0 ? std::max(a.low, 1 - b.high) : 0, a.high < 0 ? 0 : std::min(a.high, b.high - 1)};
        return true;
      }
      case Op::And:
        if (of(inst.a).low >= 0 || of(inst.b).low >= 0) {
          const Wide high = of(inst.a).low < 0 ? of(inst.b).high : of(inst.b).low < 0 ? of(inst.a).high : std::min(of(inst.a).high, of(inst.b).high);
          r = {0, high};
          return true;
        }
        return false;
      case Op::Shr:
        if (of(inst.a).low >= 0 && of(inst.b).low >= 0) {
          r = {0, of(inst.b).low >= 64 ? 0 : of(inst.a).high >> static_cast<int>(of(inst.b).low)};
          return true;
        }
        return false;
      case Op::Min: r = {std::min(of(inst.a).low, of(inst.b).low), std::min(of(inst.a).high, of(inst.b).high)}; return true;
      case Op::Max: r = {std::max(of(inst.a).low, of(inst.b).low), std::max(of(inst.a).high, of(inst.b).high)}; return true;
      case Op::Select: r = {std::min(of(inst.b).low, of(inst.c).low), std::max(of(inst.b).high, of(inst.c).high)}; return true;
      case Op::Cast:
        if (!has_range(f_.insts[inst.a].type)) {
          return false;
        }
        r = of(inst.a);
        return true;
      case Op::ArrayLength: r = {0, kMaxLength}; return true;
      default: return false;
    }
  }

  // A loop's counter never falls below where it began; other arguments are between what comes in.
  void argument(BlockId block, ValueId i, const Inst& inst) {
    Range r{0, 0};
    bool first = true;
    const Range limits = type_range(inst.type);
    for (const BlockId p : flow_.predecessors(block)) {
      if (!flow_.reachable(p)) {
        continue;
      }
      ir::for_each_successor(f_, f_.insts[f_.blocks[p].end - 1], [&](BlockId to, std::span<const uint32_t> args) {
        if (to != block) {
          return;
        }
        const ValueId value = args[inst.a];
        if (value == i) {
          return;
        }
        Range incoming = limits;
        if (!flow_.dominates(block, p)) {
          // Forward edges come from blocks walked already, or have their type's range.
          incoming = flow_.position[p] < flow_.position[block] ? stable_range(value) : limits;
        } else if (grows(value, i)) {
          incoming = {limits.high, limits.high};
        }
        r = first ? incoming : Range{std::min(r.low, incoming.low), std::max(r.high, incoming.high)};
        first = false;
      });
    }
    if (!first) {
      ranges_[i] = r;
    }
  }

  // What holds of a value everywhere, not only under conditions met on the walk so far: narrowing is undone when its block is left, so what is
  // left is that.
  Range stable_range(ValueId value) const { return ranges_[value]; }

  // value = counter + positive constant, and cannot wrap.
  bool grows(ValueId value, ValueId counter) const {
    const Inst& add = f_.insts[value];
    if (add.op != Op::Add) {
      return false;
    }
    const ValueId other = add.a == counter ? add.b : add.b == counter ? add.a : kNone;
    if (other == kNone || f_.insts[other].op != Op::Const || ir::const_value(f_.insts[other]) < 1) {
      return false;
    }
    if ((add.flags & ir::kChecked) != 0) {
      return true;
    }
    // Unchecked: one more than what a condition at the loop's head says is below something.
    return ir::const_value(f_.insts[other]) == 1 && bounded_at_head(counter, value);
  }

  bool bounded_at_head(ValueId counter, ValueId value) const {
    // The counter's own block ends in `counter < bound`, and the addition is on the way where that holds.
    const BlockId head = block_of(counter);
    const Inst& last = f_.insts[f_.blocks[head].end - 1];
    if (last.op != Op::CondBr || f_.insts[last.a].op != Op::Lt || f_.insts[last.a].a != counter) {
      return false;
    }
    const BlockId body = f_.extra[last.b];
    const BlockId other = f_.extra[last.b + 2 + f_.extra[last.b + 1]];
    return body != other && flow_.predecessors(body).size() == 1 && flow_.dominates(body, block_of(value));
  }

  BlockId block_of(ValueId value) const {
    const auto at = std::upper_bound(f_.blocks.begin(), f_.blocks.end(), value, [](ValueId v, const ir::Block& b) { return v < b.first; });
    return static_cast<BlockId>(at - f_.blocks.begin() - 1);
  }

  // value = base + constant, exactly.
  ValueId peel(ValueId value, Wide& constant) const {
    for (uint32_t depth = 0; depth < 4; ++depth) {
      const Inst& inst = f_.insts[value];
      if (inst.op != Op::Add && inst.op != Op::Sub) {
        break;
      }
      const Inst& b = f_.insts[inst.b];
      if (b.op != Op::Const || !exact(inst)) {
        break;
      }
      // A constant's range is the constant.
      constant += inst.op == Op::Add ? ranges_[inst.b].low : -ranges_[inst.b].low;
      value = inst.a;
    }
    return value;
  }

  // The operation does not wrap: checked, or found not to.
  bool exact(const Inst& inst) const {
    if ((inst.flags & ir::kChecked) != 0) {
      return true;
    }
    Range r{0, 0};
    const Range limits = type_range(inst.type);
    return compute(inst, r) && r.low >= limits.low && r.high <= limits.high;
  }

  bool is_length_of(ValueId length, ValueId array) const {
    const Inst& inst = f_.insts[length];
    if (inst.op == Op::ArrayLength && inst.a == array) {
      return true;
    }
    return f_.insts[array].op == Op::ArrayNew && f_.insts[array].a == length;
  }

  bool below_length(ValueId index, ValueId array) const {
    if (lengths_change_) {
      return false;
    }
    Wide offset = 0;
    const ValueId base = peel(index, offset);
    for (const ValueId bound : above_[base]) {
      Wide beyond = 0;
      const ValueId length = peel(bound, beyond);
      // base < length + beyond, so base + offset < length when offset + beyond <= 0.
      if (offset + beyond <= 0 && is_length_of(length, array)) {
        return true;
      }
    }
    const Inst& made = f_.insts[array];
    return made.op == Op::ArrayNew && ranges_[index].high < ranges_[made.a].low;
  }

  ir::Function& f_;
  ir::ControlFlow flow_;
  std::vector<bool> gone_;
  std::vector<Range> ranges_;                ///< of each value, at the place the walk has reached
  std::vector<std::vector<ValueId>> above_;  ///< values known to be greater
  std::vector<Undo> undo_;
  bool lengths_change_ = false;
  bool flags_changed_ = false;
};

}  // namespace

bool range_checks(const ir::Module&, ir::Function& function) { return !function.is_extern && RangeWalk(function).run(); }

}  // namespace omega::opt
