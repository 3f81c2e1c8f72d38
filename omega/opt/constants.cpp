// SPDX-License-Identifier: Apache-2.0
// Folds operations on constants, spreads them through block arguments and decides branches on them.
#include <bit>
#include <cmath>
#include <optional>

#include "omega/ir/dominators.h"
#include "omega/ir/op_info.h"
#include "omega/opt/editor.h"
#include "omega/opt/pass.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;
using ir::ValueId;

namespace {

bool fits(__int128 value, Type type) {
  const uint32_t bits = ir::bit_width(type);
  if (ir::is_signed(type)) {
    const __int128 limit = static_cast<__int128>(1) << (bits - 1);
    return value >= -limit && value < limit;
  }
  return value >= 0 && value < static_cast<__int128>(1) << bits;
}

int64_t wrap(__int128 value, Type type) {
  const uint32_t bits = ir::bit_width(type);
  auto low = static_cast<uint64_t>(value);
  if (bits < 64) {
    low &= (uint64_t{1} << bits) - 1;
    if (ir::is_signed(type) && (low >> (bits - 1) & 1) != 0) {
      low |= ~((uint64_t{1} << bits) - 1);
    }
  }
  return static_cast<int64_t>(low);
}

class Folder {
 public:
  explicit Folder(ir::Function& function) : f_(function), flow_(function), editor_(function) {}

  bool run() {
    known_.assign(f_.insts.size(), false);
    bool again = true;
    // Each round decides arguments that the round before made equal; nests deeper than this are left.
    for (uint32_t round = 0; round < 3 && again; ++round) {
      again = false;
      for (const BlockId b : flow_.order) {
        for (const ValueId i : editor_.blocks[b]) {
          again = visit(b, i) || again;
        }
      }
      changed_ = changed_ || again;
    }
    if (!changed_) {
      return false;
    }
    place_constants();
    mark_unreachable();
    editor_.finish();
    return true;
  }

 private:
  // A number that is the same whichever way it came; wide ones are left alone.
  std::optional<__int128> number(ValueId value) {
    const Inst& inst = editor_.inst(editor_.resolve(value));
    if (inst.op != Op::Const || !ir::is_integer(inst.type) || ir::is_wide(inst.type)) {
      return std::nullopt;
    }
    const int64_t bits = ir::const_value(inst);
    return ir::is_signed(inst.type) ? static_cast<__int128>(bits) : static_cast<__int128>(static_cast<uint64_t>(bits));
  }

  bool become(ValueId i, Type type, __int128 value) {
    const ValueId now = editor_.constant(type, wrap(value, type), f_.locations[i]);
    editor_.replace(i, now);
    made_.push_back(now);
    return true;
  }

  bool become(ValueId i, ValueId other) {
    editor_.replace(i, other);
    return editor_.resolve(i) != i;
  }

  bool visit(BlockId block, ValueId i) {
    if (editor_.resolve(i) != i) {
      return false;
    }
    const Inst inst = editor_.inst(i);
    switch (inst.op) {
      case Op::Add:
      case Op::Sub:
      case Op::Mul:
      case Op::Div:
      case Op::Mod:
      case Op::And:
      case Op::Or:
      case Op::Xor:
      case Op::Shl:
      case Op::Shr:
      case Op::Min:
      case Op::Max: return ir::is_integer(inst.type) && !ir::is_wide(inst.type) && (binary(i, inst) || identity(i, inst));
      case Op::Eq:
      case Op::Ne:
      case Op::Lt:
      case Op::Le:
      case Op::Gt:
      case Op::Ge: return compare(i, inst);
      case Op::Not:
        if (const auto a = number(inst.a)) {
          return become(i, inst.type, ~*a);
        }
        return false;
      case Op::Neg:
        if (const auto a = number(inst.a); a && ((inst.flags & ir::kChecked) == 0 || fits(-*a, inst.type))) {
          return become(i, inst.type, -*a);
        }
        return false;
      case Op::Cast: {
        const auto a = number(inst.a);
        if (a && ir::is_integer(inst.type) && !ir::is_wide(inst.type) && ((inst.flags & ir::kChecked) == 0 || fits(*a, inst.type))) {
          return become(i, inst.type, *a);
        }
        const Type from = editor_.inst(editor_.resolve(inst.a)).type;
        return from == inst.type && become(i, inst.a);
      }
      case Op::Select:
        if (const auto c = number(inst.a)) {
          return become(i, *c != 0 ? inst.b : inst.c);
        }
        return false;
      case Op::BlockArg: return argument(block, i, inst);
      case Op::CheckThat: {
        const auto c = number(inst.a);
        if (c && *c != 0 && !known_[i]) {
          known_[i] = true;  // removed when the blocks are put together
          return true;
        }
        return false;
      }
      case Op::CheckBound: {
        const auto a = number(inst.a);
        if (a && *a >= 0 && *a < inst.b && !known_[i]) {
          known_[i] = true;
          return true;
        }
        return false;
      }
      case Op::CondBr: return branch(i, inst);
      default: return false;
    }
  }

  bool binary(ValueId i, const Inst& inst) {
    const auto x = number(inst.a), y = number(inst.b);
    if (!x || !y) {
      return false;
    }
    const __int128 a = *x, b = *y;
    __int128 r = 0;
    switch (inst.op) {
      case Op::Add: r = a + b; break;
      case Op::Sub: r = a - b; break;
      case Op::Mul: r = a * b; break;
      case Op::Div:
      case Op::Mod:
        if (b == 0) {
          return false;
        }
        r = inst.op == Op::Div ? a / b : a % b;
        break;
      case Op::And: r = a & b; break;
      case Op::Or: r = a | b; break;
      case Op::Xor: r = a ^ b; break;
      case Op::Min: r = a < b ? a : b; break;
      case Op::Max: r = a > b ? a : b; break;
      case Op::Shl: {
        if (b < 0) {
          return false;
        }
        r = b >= ir::bit_width(inst.type) ? 0 : static_cast<__int128>(static_cast<uint64_t>(a) << static_cast<uint32_t>(b));
        return become(i, inst.type, r);
      }
      case Op::Shr:
        if (b < 0) {
          return false;
        }
        r = a >> (b > 126 ? 126 : static_cast<int>(b));
        break;
      default: return false;
    }
    const bool may_overflow = inst.op == Op::Add || inst.op == Op::Sub || inst.op == Op::Mul || inst.op == Op::Div;
    if (may_overflow && !fits(r, inst.type) && ((inst.flags & ir::kChecked) != 0 || inst.op == Op::Div)) {
      return false;
    }
    return become(i, inst.type, r);
  }

  // x + 0, x * 1 and the like.
  bool identity(ValueId i, const Inst& inst) {
    const auto x = number(inst.a), y = number(inst.b);
    switch (inst.op) {
      case Op::Add:
      case Op::Or:
      case Op::Xor: return (y && *y == 0 && become(i, inst.a)) || (x && *x == 0 && become(i, inst.b));
      case Op::Sub:
      case Op::Shl:
      case Op::Shr: return y && *y == 0 && become(i, inst.a);
      case Op::Mul:
        if ((y && *y == 0) || (x && *x == 0)) {
          return become(i, inst.type, 0);
        }
        return (y && *y == 1 && become(i, inst.a)) || (x && *x == 1 && become(i, inst.b));
      case Op::Div: return y && *y == 1 && become(i, inst.a);
      case Op::And: return ((y && *y == 0) || (x && *x == 0)) && become(i, inst.type, 0);
      default: return false;
    }
  }

  bool compare(ValueId i, const Inst& inst) {
    const auto x = number(inst.a), y = number(inst.b);
    if (!x || !y) {
      return false;
    }
    bool r = false;
    switch (inst.op) {
      case Op::Eq: r = *x == *y; break;
      case Op::Ne: r = *x != *y; break;
      case Op::Lt: r = *x < *y; break;
      case Op::Le: r = *x <= *y; break;
      case Op::Gt: r = *x > *y; break;
      default: r = *x >= *y; break;
    }
    return become(i, Type::U1, r ? 1 : 0);
  }

  // An argument that is the same value on every way in, itself apart.
  bool argument(BlockId block, ValueId i, const Inst& inst) {
    ValueId same = kNone;
    std::optional<__int128> same_number;
    bool differs = false, any = false;
    for (const BlockId p : flow_.predecessors(block)) {
      if (!flow_.reachable(p) || differs) {
        continue;
      }
      ir::for_each_successor(f_, editor_.inst(f_.blocks[p].end - 1), [&](BlockId to, std::span<const uint32_t> args) {
        if (to != block || differs) {
          return;
        }
        const ValueId value = editor_.resolve(args[inst.a]);
        if (value == i) {
          return;
        }
        const auto n = number(value);
        if (!any) {
          any = true;
          same = value;
          same_number = n;
        } else if (value != same && !(n && same_number && *n == *same_number)) {
          differs = true;
        }
      });
    }
    if (differs || !any) {
      return false;
    }
    if (same_number && !ir::is_wide(inst.type)) {
      return become(i, inst.type, *same_number);
    }
    return become(i, same);
  }

  bool branch(ValueId i, const Inst& inst) {
    const auto c = number(inst.a);
    if (!c) {
      return false;
    }
    uint32_t way = *c != 0 ? 0 : 1;
    BlockId target = kNone;
    std::vector<uint32_t> words;
    ir::for_each_successor(f_, inst, [&](BlockId to, std::span<const uint32_t> args) {
      if (way-- == 0) {
        target = to;
        words.assign(args.begin(), args.end());
      }
    });
    editor_.make_branch(i, target, words);
    return true;
  }

  // Constants that folding made stand at the head of the function, where they dominate everything.
  void place_constants() {
    auto& entry = editor_.blocks[0];
    entry.insert(entry.begin() + static_cast<ptrdiff_t>(f_.params.size()), made_.begin(), made_.end());
    for (auto& order : editor_.blocks) {
      std::erase_if(order, [&](ValueId i) { return (i < known_.size() && known_[i]) || editor_.resolve(i) != i; });
    }
    // Arguments that were replaced leave their position; branches pass one less.
    std::vector<std::vector<bool>> kept(f_.blocks.size());
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      uint32_t position = 0;
      for (ValueId i = f_.blocks[b].first; i < f_.blocks[b].end && f_.insts[i].op == Op::BlockArg; ++i) {
        const bool stays = editor_.resolve(i) == i;
        kept[b].push_back(stays);
        if (stays) {
          editor_.inst(i).a = position++;
        }
      }
    }
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      const ValueId last = f_.blocks[b].end - 1;
      const Inst inst = editor_.inst(last);
      if (inst.op != Op::Br && inst.op != Op::CondBr) {
        continue;
      }
      std::vector<uint32_t> words;
      ir::for_each_successor(f_, inst, [&](BlockId to, std::span<const uint32_t> args) {
        std::vector<uint32_t> now;
        for (uint32_t k = 0; k < args.size(); ++k) {
          if (kept[to][k]) {
            now.push_back(args[k]);
          }
        }
        if (inst.op == Op::CondBr) {
          words.push_back(to);
          words.push_back(static_cast<uint32_t>(now.size()));
        }
        words.insert(words.end(), now.begin(), now.end());
      });
      const uint32_t at = editor_.add_extra(words);
      editor_.inst(last).b = at;
      if (inst.op == Op::Br) {
        editor_.inst(last).c = static_cast<uint32_t>(words.size());
      }
    }
  }

  void mark_unreachable() {
    std::vector<BlockId> work{0};
    std::vector<bool> seen(f_.blocks.size(), false);
    seen[0] = true;
    while (!work.empty()) {
      const BlockId b = work.back();
      work.pop_back();
      ir::for_each_successor(f_, editor_.inst(f_.blocks[b].end - 1), [&](BlockId to, std::span<const uint32_t>) {
        if (!seen[to]) {
          seen[to] = true;
          work.push_back(to);
        }
      });
    }
    for (BlockId b = 0; b < f_.blocks.size(); ++b) {
      editor_.removed[b] = !seen[b];
    }
  }

  ir::Function& f_;
  ir::ControlFlow flow_;
  Editor editor_;
  std::vector<bool> known_;  ///< checks that always hold
  std::vector<ValueId> made_;
  bool changed_ = false;
};

}  // namespace

bool constants(const ir::Module&, ir::Function& function) { return !function.is_extern && Folder(function).run(); }

}  // namespace omega::opt
