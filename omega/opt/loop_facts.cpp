// SPDX-License-Identifier: Apache-2.0
// One forward walk over a loop's instructions: values become symbols, memory operations become accesses.
#include "omega/opt/loop_facts.h"

#include <algorithm>
#include <unordered_set>

#include "omega/base/hash.h"
#include "omega/ir/op_info.h"
#include "omega/opt/loop_slots.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::LoopId;
using ir::Op;
using ir::SlotId;
using ir::Type;
using ir::ValueId;

namespace {

struct Symbol {
  enum Kind : uint8_t { None, Int, Ref, Address } kind = None;
  uint32_t id = kNone;
};

struct Address {
  MemoryClass memory;
  RefId base;
  PolyId index;
  uint32_t offset;
};

bool can_panic(const ir::Function& f, const Inst& inst) {
  switch (inst.op) {
    case Op::Add: case Op::Sub: case Op::Mul: case Op::Neg: case Op::Abs: case Op::Cast:
      return (inst.flags & ir::kChecked) != 0;
    case Op::Div: case Op::Mod: {
      if (ir::is_float(inst.type)) {
        return false;
      }
      const Inst& divisor = f.insts[inst.b];
      const bool safe = divisor.op == Op::Const && ir::const_value(divisor) != 0 && ir::const_value(divisor) != -1;
      return !safe;
    }
    case Op::Pow: case Op::CheckIndex: case Op::CheckBound: case Op::CheckThat: case Op::ArrayNew: case Op::Panic:
      return true;
    default:
      return false;
  }
}

class RegionAnalysis {
 public:
  RegionAnalysis(const FunctionFacts& facts, LoopId loop, const Summaries& summaries)
      : facts_(facts), f_(*facts.function), summaries_(summaries), loop_(loop), symbols_(out_.symbols) {
    begin_ = loop == kNone ? 0 : f_.loops[loop].header;
    end_ = loop == kNone ? static_cast<BlockId>(f_.blocks.size()) : f_.loops[loop].exit;
    first_ = f_.blocks[begin_].first;
    last_ = f_.blocks[end_ - 1].end;
  }

  LoopFacts run() {
    SlotClasses classes = classify_slots(facts_, begin_, end_, loop_);
    out_.roles = std::move(classes.roles);
    out_.reductions = std::move(classes.reductions);
    out_.carried = classes.carried;
    out_.carried_set = classes.carried_set;
    out_.carried_get = classes.carried_get;
    scan();
    if (loop_ != kNone) {
      start_loop();
    }
    values_.resize(last_ - first_);
    for (BlockId block = begin_; block < end_; ++block) {
      enter_block(block);
      for (ValueId i = f_.blocks[block].first; i < f_.blocks[block].end; ++i) {
        values_[i - first_] = evaluate(i);
      }
    }
    return std::move(out_);
  }

 private:
  // ---- before the walk ----------------------------------------------------------------------------------------------

  void obstacle(Obstacle what, ValueId where) {
    if (out_.obstacle == Obstacle::None) {
      out_.obstacle = what;
      out_.obstacle_inst = where;
    }
  }

  bool inside(ValueId value) const { return value >= first_ && value < last_; }

  // Which classes of memory are written, whether references stored are all new objects, whether addresses leave their function.
  void scan() {
    set_counts_.assign(f_.slots.size(), 0);
    only_set_.assign(f_.slots.size(), kNone);
    for (ValueId i = first_; i < last_; ++i) {
      const Inst& inst = f_.insts[i];
      switch (inst.op) {
        case Op::SlotSet:
          ++set_counts_[inst.a];
          only_set_[inst.a] = i;
          escape(inst.b);
          break;
        case Op::Store:
          escape(inst.c);
          written(class_of_address(inst.a), f_.insts[inst.c].type, inst.c);
          break;
        case Op::ElementSet:
          written(MemoryClass::Element, f_.insts[inst.c].type, inst.c);
          break;
        case Op::FixedSet:
          written(MemoryClass::Fixed, f_.insts[inst.c].type, inst.c);
          break;
        case Op::Atomic:
          written(class_of_address(inst.a), f_.insts[inst.b].type, inst.b);
          break;
        case Op::Call: case Op::CallClosure: {
          const Summary summary = call_summary(inst);
          for (const SummaryAccess& access : summary.accesses) {
            if (access.kind != AccessKind::Read) {
              written(access.memory, access.type, kNone);
            }
          }
          for (const uint32_t argument : f_.args(inst)) {
            escape(argument);
          }
          break;
        }
        case Op::CallRuntime: {
          const RuntimeEffects effects = runtime_effects(static_cast<ir::RuntimeFunctionId>(inst.a));
          const auto args = f_.args(inst);
          for (uint32_t k = 0; k < args.size() && k < effects.parameters.size(); ++k) {
            const char how = effects.parameters[k];
            switch (how) {
              case 'w': case 'm': {
                const bool has_value = inst.c > 1 && f_.insts[args.back()].type == Type::Ref;
                // A pushed reference, or a pointer to the value.
                const bool direct = static_cast<ir::RuntimeFunctionId>(inst.a) == ir::RuntimeFunctionId::ArrayPushRef;
                const ValueId value = !has_value ? kNone : direct ? args.back() : pointee_value(args.back());
                written(MemoryClass::Element, value != kNone ? f_.insts[value].type : inst.c > 1 && !has_value ? f_.insts[args.back()].type : Type::Void,
                        value);
                if (how == 'm') {
                  lengths_change_ = true;
                  written(MemoryClass::Header, Type::U1, kNone);
                }
                break;
              }
              case 'K':
                written(MemoryClass::Map, Type::Void, kNone);
                break;
              case 'f': case 'o':
                written(MemoryClass::Field, how == 'f' ? Type::U64 : Type::Void, kNone);
                break;
              default:
                break;
            }
          }
          if (effects.runs_code) {
            // What they run may write what its summary says; its places are looked at in the walk.
            bool writes = false;
            const size_t position = static_cast<ir::RuntimeFunctionId>(inst.a) == ir::RuntimeFunctionId::Timeout ||
                                            static_cast<ir::RuntimeFunctionId>(inst.a) == ir::RuntimeFunctionId::ArraySortBy ? 1 : 0;
            const ValueId made = closure_value(args[position]);
            const bool one = made != kNone && static_cast<ir::RuntimeFunctionId>(inst.a) != ir::RuntimeFunctionId::TasksRun;
            const Summary summary = one ? summaries_.of(f_.insts[made].a) : summaries_.of_closures(1);
            for (const SummaryAccess& access : summary.accesses) {
              if (access.kind != AccessKind::Read && !(access.parameter == 1 && access.path_length == 0)) {
                written(access.memory, access.type, kNone);
                writes = true;
              }
            }
            all_written_ = all_written_ || !summary.known || (writes && !one);
          }
          break;
        }
        case Op::Br: case Op::CondBr:
          ir::for_each_successor(f_, inst, [&](BlockId, std::span<const uint32_t> args) {
            for (const uint32_t argument : args) {
              escape(argument);
            }
          });
          break;
        case Op::Ret:
          for (const uint32_t argument : f_.args(inst)) {
            escape(argument);
          }
          break;
        default:
          break;
      }
    }
  }

  // The type of what a pointer to a temporary holds, and the value stored there last.
  ValueId pointee_value(ValueId pointer) const {
    const Inst& made = f_.insts[pointer];
    if (made.op != Op::StackObject) {
      return kNone;
    }
    for (ValueId i = pointer + 1; i < last_ && i < pointer + 64; ++i) {
      if (f_.insts[i].op == Op::Store && f_.insts[i].a == pointer) {
        return f_.insts[i].c;
      }
    }
    return kNone;
  }

  void escape(ValueId value) {
    const Op op = f_.insts[value].op;
    if (op == Op::ElementAddress || op == Op::FixedAddress || op == Op::FieldAddress) {
      weak_classes_ = true;
    }
  }

  MemoryClass class_of_address(ValueId value) const {
    switch (f_.insts[value].op) {
      case Op::ElementAddress: return MemoryClass::Element;
      case Op::FixedAddress: return MemoryClass::Fixed;
      default: return MemoryClass::Field;
    }
  }

  void written(MemoryClass memory, Type type, ValueId value) {
    all_written_ = all_written_ || memory == MemoryClass::Any;
    written_[static_cast<size_t>(memory)].push_back(type);
    if (type != Type::Ref && type != Type::Void) {
      return;
    }
    if (value == kNone || !stores_fresh(value)) {
      shared_refs_stored_ = true;
    }
  }

  // Stored references that nobody else has: objects made here, null, constant strings.
  bool stores_fresh(ValueId value) const {
    for (uint32_t depth = 0; depth < 4; ++depth) {
      const Inst& inst = f_.insts[value];
      switch (inst.op) {
        case Op::NewObject: case Op::ArrayNew: case Op::Const: case Op::ConstString:
          return true;
        case Op::CallRuntime: {
          // New strings hold no references.
          const std::string_view name = ir::runtime_function(static_cast<ir::RuntimeFunctionId>(inst.a)).name;
          return name.starts_with("StringFrom") || name == "StringConcat" || name == "TextEnd" || name == "BytesFromString";
        }
        case Op::SlotGet:
          if (set_in_region(inst.a) != 1 || only_set_in_region(inst.a) == kNone) {
            return false;
          }
          value = f_.insts[only_set_in_region(inst.a)].b;
          break;
        default:
          return false;
      }
    }
    return false;
  }
  uint32_t set_in_region(SlotId slot) const { return facts_.slots[slot].sets; }
  ValueId only_set_in_region(SlotId slot) const { return inside(facts_.slots[slot].last_set) ? facts_.slots[slot].last_set : kNone; }

  bool class_written(MemoryClass memory, Type type) const {
    if (all_written_ || weak_classes_) {
      return all_written_ || any_written();
    }
    const auto& types = written_[static_cast<size_t>(memory)];
    return std::any_of(types.begin(), types.end(), [&](Type t) { return t == type || t == Type::Void || type == Type::Void; });
  }
  bool any_written() const {
    return std::any_of(std::begin(written_), std::end(written_), [](const auto& types) { return !types.empty(); });
  }

  void start_loop() {
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
      if (inst.op == Op::Ret || inst.op == Op::Revert) {
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

  // The last set of a slot before `at` in emission order.
  ValueId value_before(SlotId slot, ValueId at) const {
    // The preheader stands right before the header; look back a little.
    for (ValueId i = at; i-- > 0 && at - i < 256;) {
      if (f_.insts[i].op == Op::SlotSet && f_.insts[i].a == slot) {
        return i;
      }
    }
    return kNone;
  }

  PolyId minus_one(PolyId poly) {
    if (poly == kNone) {
      return kNone;
    }
    Poly one;
    one.terms.push_back({1, 0, {}});
    return symbols_.intern(add(symbols_.poly(poly), one, -1));
  }

  // In the body: hi > lo, which gives a lower bound of hi where that is a single invariant.
  void note_bound(LoopId loop, PolyId lo, PolyId hi) {
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

  PolyId upper_bound(const ir::Loop& loop, bool from_outside) {
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

  // ---- values from outside ------------------------------------------------------------------------------------------

  // The slot whose value in the loop an outside `get` also gave: not set between it and the loop.
  SlotId same_slot(ValueId value) const {
    const Inst& inst = f_.insts[value];
    if (inst.op != Op::SlotGet || loop_ == kNone || value >= first_ || first_ - value > 512 || out_.roles[inst.a] == SlotRole::Private ||
        out_.roles[inst.a] == SlotRole::Carried || out_.roles[inst.a] == SlotRole::Reduction) {
      return kNone;
    }
    for (ValueId i = value + 1; i < first_; ++i) {
      if (f_.insts[i].op == Op::SlotSet && f_.insts[i].a == inst.a) {
        return kNone;
      }
    }
    // The preheader only: code in between may be jumped over.
    for (BlockId block = facts_.block_of[value]; block < begin_; ++block) {
      const Inst& last = f_.insts[f_.blocks[block].end - 1];
      if (last.op != Op::Br || last.a != block + 1) {
        return kNone;
      }
    }
    return inst.a;
  }

  // A slot that the region does not write, as an integer; what it was set to, where that is simple.
  PolyId slot_outside_int(SlotId slot, uint32_t depth = 0) {
    const FunctionFacts::SlotUse& use = facts_.slots[slot];
    if (use.sets == 1 && use.last_set < first_ && depth < 4) {
      const ValueId value = f_.insts[use.last_set].b;
      if (f_.insts[value].op == Op::Const || same_slot(value) != kNone) {
        return outside_int(value, depth + 1);
      }
    }
    return symbols_.of_atom(symbols_.atom(AtomKind::Invariant, slot));
  }

  PolyId outside_int(ValueId value, uint32_t depth = 0) {
    const Inst& inst = f_.insts[value];
    if (inst.op == Op::Const) {
      return symbols_.constant(ir::const_value(inst));
    }
    if (const SlotId slot = same_slot(value); slot != kNone) {
      return slot_outside_int(slot, depth);
    }
    return symbols_.of_atom(symbols_.atom(AtomKind::Invariant, kValueKey | value));
  }

  Symbol outside(ValueId value) {
    const Inst& inst = f_.insts[value];
    if (ir::is_integer(inst.type)) {
      return {Symbol::Int, outside_int(value)};
    }
    if (inst.type != Type::Ref) {
      return {};
    }
    if (inst.op == Op::Const) {
      return {Symbol::Ref, Symbols::kNull};
    }
    if (inst.op == Op::ElementAddress || inst.op == Op::FixedAddress || inst.op == Op::FieldAddress) {
      return {Symbol::Ref, Symbols::kOpaque};
    }
    if (const SlotId slot = same_slot(value); slot != kNone) {
      return {Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, slot)};
    }
    return {Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, kValueRefKey | value)};
  }

  Symbol symbol(ValueId value) {
    if (!inside(value)) {
      return outside(value);
    }
    const Symbol& s = values_[value - first_];
    if (s.kind == Symbol::None && f_.insts[value].type == Type::Ref) {
      return {Symbol::Ref, Symbols::kOpaque};
    }
    return s;
  }

  PolyId int_of(ValueId value) {
    const Symbol s = symbol(value);
    return s.kind == Symbol::Int ? s.id : kNone;
  }

  RefId ref_of(ValueId value) {
    const Symbol s = symbol(value);
    return s.kind == Symbol::Ref ? s.id : Symbols::kOpaque;
  }

  PolyId slot_int(SlotId slot) {
    const Symbol s = slot_value(slot, f_.blocks[begin_].first);
    return s.kind == Symbol::Int ? s.id : kNone;
  }

  // What a SlotGet at `at` gives.
  Symbol slot_value(SlotId slot, ValueId at) {
    const Type type = f_.slots[slot].type;
    const bool is_int = ir::is_integer(type);
    switch (out_.roles[slot]) {
      case SlotRole::ReadOnly: case SlotRole::Outside:
        if (is_int) {
          return {Symbol::Int, slot_outside_int(slot)};
        }
        return type == Type::Ref ? Symbol{Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, slot)} : Symbol{};
      case SlotRole::Induction:
        return {Symbol::Int, symbols_.of_atom(out_.iv)};
      case SlotRole::Private: {
        if (is_int) {
          for (LoopId loop = facts_.loop_of_block[facts_.block_of[at]]; loop != kNone && loop != loop_; loop = f_.loops[loop].parent) {
            if (f_.loops[loop].iv == slot && set_counts_[slot] == 2 && facts_.block_of[only_set_[slot]] == f_.loops[loop].latch) {
              return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Inner, loop))};
            }
          }
        }
        if (set_counts_[slot] == 1 && only_set_[slot] < at) {
          const Symbol s = values_[only_set_[slot] - first_];
          return s.kind == Symbol::None && type == Type::Ref ? Symbol{Symbol::Ref, Symbols::kOpaque} : s;
        }
        if (type == Type::Ref && all_sets_fresh(slot)) {
          return {Symbol::Ref, Symbols::kFresh};
        }
        break;
      }
      default:
        break;
    }
    if (is_int) {
      return {Symbol::Int, symbols_.varying(at)};
    }
    return type == Type::Ref ? Symbol{Symbol::Ref, Symbols::kOpaque} : Symbol{};
  }

  bool all_sets_fresh(SlotId slot) {
    if (!fresh_slots_made_) {
      fresh_slots_made_ = true;
      fresh_slots_.assign(f_.slots.size(), true);
      for (ValueId i = first_; i < last_; ++i) {
        if (f_.insts[i].op == Op::SlotSet) {
          const Inst& value = f_.insts[f_.insts[i].b];
          if (value.op != Op::NewObject && value.op != Op::ArrayNew && value.op != Op::Const) {
            fresh_slots_[f_.insts[i].a] = false;
          }
        }
      }
    }
    return fresh_slots_[slot];
  }

  // ---- the walk -----------------------------------------------------------------------------------------------------

  void enter_block(BlockId block) {
    const LoopId loop = facts_.loop_of_block[block];
    if (loop != loop_ && loop != kNone && f_.loops[loop].header == block && f_.loops[loop].iv != kNone) {
      const ir::Loop& inner = f_.loops[loop];
      const ValueId set = value_before(inner.iv, f_.blocks[block].first);
      const PolyId lo = set == kNone || !inside(set) ? kNone : int_of(f_.insts[set].b);
      const PolyId hi = upper_bound_inner(inner, f_.blocks[block].first);
      symbols_.set_bounds(symbols_.atom(AtomKind::Inner, loop), lo, minus_one(hi));
      note_bound(loop, lo, hi);
    }
    weight_ = 1;
    LoopId around = loop;
    for (uint32_t depth = 0; around != kNone && around != loop_ && depth < 8; ++depth) {
      weight_ = std::min<uint64_t>(weight_ * trip_estimate(around), 1'000'000'000);
      around = f_.loops[around].parent;
    }
  }

  PolyId upper_bound_inner(const ir::Loop& inner, ValueId at) {
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

  uint64_t trip_estimate(LoopId loop) {
    const Atom& atom = symbols_.atom(symbols_.atom(AtomKind::Inner, loop));
    int64_t lo, hi;
    if (f_.loops[loop].iv != kNone && symbols_.constant_value(atom.lower, lo) && symbols_.constant_value(atom.upper, hi)) {
      return static_cast<uint64_t>(std::clamp<__int128>(static_cast<__int128>(hi) - lo + 1, 1, 1'000'000));
    }
    return 16;
  }

  Symbol varying(ValueId i, PolyId lower = kNone, PolyId upper = kNone) { return {Symbol::Int, symbols_.varying(kValueKey | i, lower, upper)}; }

  Symbol poly_or_varying(ValueId i, Poly poly) {
    const PolyId id = symbols_.intern(std::move(poly));
    return id == kNone ? varying(i) : Symbol{Symbol::Int, id};
  }

  Symbol evaluate(ValueId i) {
    const Inst& inst = f_.insts[i];
    out_.cost += weight_;
    if (can_panic(f_, inst)) {
      out_.panics = true;
    }
    switch (inst.op) {
      case Op::Const:
        return inst.type == Type::Ref ? Symbol{Symbol::Ref, Symbols::kNull}
               : ir::is_integer(inst.type) ? Symbol{Symbol::Int, symbols_.constant(ir::const_value(inst))} : Symbol{};
      case Op::ConstString: case Op::FunctionRef:
        return {Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, kValueRefKey | i)};
      case Op::Param:
        if (ir::is_integer(inst.type)) {
          return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Invariant, kValueKey | i))};
        }
        return inst.type == Type::Ref ? Symbol{Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, kParameterKey | inst.a)} : Symbol{};
      case Op::SlotGet:
        return slot_value(inst.a, i);
      case Op::SlotSet:
        // The value of a set is what was set, for slot_value.
        return symbol(inst.b);
      case Op::Add: case Op::Sub: case Op::Mul:
        return arithmetic(i, inst);
      case Op::Div: case Op::Mod:
        out_.cost += 10 * weight_;
        return inst.op == Op::Mod ? remainder(i, inst) : integer_or_none(i, inst);
      case Op::And: {
        int64_t mask;
        if (ir::is_integer(inst.type) && (symbols_.constant_value(int_of(inst.b), mask) || symbols_.constant_value(int_of(inst.a), mask)) && mask >= 0) {
          return varying(i, symbols_.constant(0), symbols_.constant(mask));
        }
        return integer_or_none(i, inst);
      }
      case Op::Cast:
        return cast(i, inst);
      case Op::NewObject: case Op::ArrayNew: case Op::StackObject:
        out_.allocates = true;
        out_.cost += 20 * weight_;
        return {Symbol::Ref, Symbols::kFresh};
      case Op::MakeClosure:
        out_.allocates = true;
        return {Symbol::Ref, Symbols::kFreshShallow};
      case Op::FieldAddress: {
        const Address base = address_of(inst.a);
        return make_address({base.memory, base.base, base.index, base.offset + inst.b});
      }
      case Op::ElementAddress:
        access(AccessKind::Read, MemoryClass::Header, Type::Void, ref_of(inst.a), kNone, 0, i);
        return make_address({MemoryClass::Element, ref_of(inst.a), int_of(inst.b), 0});
      case Op::FixedAddress:
        return make_address({MemoryClass::Fixed, ref_of(inst.a), int_of(inst.b), 0});
      case Op::Load:
        return load(i, inst);
      case Op::Store: {
        const Address at = address_of(inst.a);
        access(AccessKind::Write, at.memory, f_.insts[inst.c].type, at.base, at.index, at.offset + inst.b, i);
        return {};
      }
      case Op::Atomic: {
        const Address at = address_of(inst.a);
        access(AccessKind::Atomic, at.memory, f_.insts[inst.b].type, at.base, at.index, at.offset, i, static_cast<uint8_t>(inst.c));
        out_.cost += 20 * weight_;
        return {};
      }
      case Op::ElementGet: case Op::FixedGet: {
        const MemoryClass memory = inst.op == Op::ElementGet ? MemoryClass::Element : MemoryClass::Fixed;
        access(AccessKind::Read, memory, inst.type, ref_of(inst.a), int_of(inst.b), 0, i);
        return element(i, memory, inst.type, ref_of(inst.a), int_of(inst.b));
      }
      case Op::ElementSet: case Op::FixedSet:
        access(AccessKind::Write, inst.op == Op::ElementSet ? MemoryClass::Element : MemoryClass::Fixed, f_.insts[inst.c].type, ref_of(inst.a),
               int_of(inst.b), 0, i);
        return {};
      case Op::ArrayLength:
        return length(i, ref_of(inst.a));
      case Op::CheckIndex:
        length(i, ref_of(inst.b));
        return {};
      case Op::Call: case Op::CallClosure:
        return call(i, inst);
      case Op::CallRuntime:
        return call_runtime(i, inst);
      case Op::Ret:
        out_.returns_fresh = out_.returns_fresh && inst.c > 0 && symbols_.ref(ref_of(f_.extra[inst.b])).kind == RefKind::Fresh;
        return {};
      case Op::ParallelFor: case Op::StateKey: case Op::StateGet: case Op::StateSet: case Op::EmitEvent: case Op::Message: case Op::CallContract:
        obstacle(Obstacle::UnknownCall, i);
        return {};
      default:
        return integer_or_none(i, inst);
    }
  }

  Symbol integer_or_none(ValueId i, const Inst& inst) {
    if (ir::is_integer(inst.type)) {
      return varying(i);
    }
    return inst.type == Type::Ref ? Symbol{Symbol::Ref, Symbols::kOpaque} : Symbol{};
  }

  Symbol arithmetic(ValueId i, const Inst& inst) {
    const bool exact = ir::is_integer(inst.type) && (inst.flags & ir::kChecked) != 0;
    const PolyId a = exact ? int_of(inst.a) : kNone;
    const PolyId b = exact ? int_of(inst.b) : kNone;
    if (a == kNone || b == kNone) {
      return integer_or_none(i, inst);
    }
    return poly_or_varying(i, inst.op == Op::Mul ? multiply(symbols_.poly(a), symbols_.poly(b))
                                                 : add(symbols_.poly(a), symbols_.poly(b), inst.op == Op::Sub ? -1 : 1));
  }

  // x % c lies within (-c, c), and above -1 when x does.
  Symbol remainder(ValueId i, const Inst& inst) {
    int64_t divisor;
    if (!ir::is_integer(inst.type) || !symbols_.constant_value(int_of(inst.b), divisor) || divisor <= 0) {
      return integer_or_none(i, inst);
    }
    return varying(i, symbols_.constant(ir::is_signed(inst.type) ? 1 - divisor : 0), symbols_.constant(divisor - 1));
  }

  Symbol cast(ValueId i, const Inst& inst) {
    const Type from = f_.insts[inst.a].type;
    if (!ir::is_integer(inst.type) || !ir::is_integer(from)) {
      return integer_or_none(i, inst);
    }
    const uint32_t to_bits = ir::bit_width(inst.type), from_bits = ir::bit_width(from);
    const bool widens = ir::is_signed(inst.type) == ir::is_signed(from) ? to_bits >= from_bits : ir::is_signed(inst.type) && to_bits > from_bits;
    const PolyId value = int_of(inst.a);
    if (value != kNone && (widens || (inst.flags & ir::kChecked) != 0)) {
      return {Symbol::Int, value};
    }
    // The loop variable in the type its bounds had.
    if (value != kNone && out_.iv != kNone && value == symbols_.of_atom(out_.iv) && bounds_fit(inst.type)) {
      return {Symbol::Int, value};
    }
    return varying(i);
  }

  bool bounds_fit(Type type) const {
    const ir::Loop& loop = f_.loops[loop_];
    if (out_.lo_value == kNone || loop.hi == kNone || facts_.slots[loop.hi].sets != 1 || !fits(f_.insts[out_.lo_value].b, type)) {
      return false;
    }
    const ValueId hi = f_.insts[facts_.slots[loop.hi].last_set].b;
    const Inst& inst = f_.insts[hi];
    // `a..=b`: one more than b.
    return fits(hi, type) || (inst.op == Op::Add && (inst.flags & ir::kChecked) != 0 && fits(inst.a, type) && f_.insts[inst.b].op == Op::Const &&
                              ir::const_value(f_.insts[inst.b]) == 1);
  }

  // A value (s64) that came from `type`, or is a constant of it.
  bool fits(ValueId value, Type type) const {
    const Inst& inst = f_.insts[value];
    if (inst.op == Op::Const) {
      const int64_t n = ir::const_value(inst);
      const uint32_t bits = ir::bit_width(type) - (ir::is_signed(type) ? 1 : 0);
      return (n >= 0 || ir::is_signed(type)) && (bits >= 63 || (n < (int64_t{1} << bits) && n >= -(int64_t{1} << bits)));
    }
    return inst.op == Op::Cast && f_.insts[inst.a].type == type && ir::is_integer(type) && ((inst.flags & ir::kChecked) != 0 || ir::bit_width(type) < 64);
  }

  // ---- memory -------------------------------------------------------------------------------------------------------

  Symbol make_address(const Address& address) {
    addresses_.push_back(address);
    return {Symbol::Address, static_cast<uint32_t>(addresses_.size() - 1)};
  }

  Address address_of(ValueId value) {
    const Symbol s = symbol(value);
    if (s.kind == Symbol::Address) {
      return addresses_[s.id];
    }
    return {MemoryClass::Field, s.kind == Symbol::Ref ? s.id : Symbols::kOpaque, kNone, 0};
  }

  Symbol load(ValueId i, const Inst& inst) {
    const Address at = address_of(inst.a);
    access(AccessKind::Read, at.memory, inst.type, at.base, at.index, at.offset + inst.b, i);
    if (at.memory == MemoryClass::Element || at.memory == MemoryClass::Fixed) {
      return element(i, at.memory, inst.type, at.base, at.index);
    }
    if (at.memory != MemoryClass::Field) {
      return integer_or_none(i, inst);
    }
    if (inst.type == Type::Ref) {
      return {Symbol::Ref, reference_in(at.base, MemoryClass::Field, RefKind::Field, at.offset + inst.b)};
    }
    if (!ir::is_integer(inst.type)) {
      return {};
    }
    if (symbols_.is_invariant_ref(at.base) && !class_written(MemoryClass::Field, inst.type)) {
      return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Invariant, uint64_t{3} << 62 | static_cast<uint64_t>(at.base) << 24 | (at.offset + inst.b)))};
    }
    return varying(i);
  }

  RefId reference_in(RefId base, MemoryClass memory, RefKind kind, uint32_t data) {
    if (class_written(memory, Type::Ref) && shared_refs_stored_) {
      return Symbols::kOpaque;
    }
    if (symbols_.ref(base).kind == RefKind::Part) {
      base = symbols_.ref(base).base;
      data = kind == RefKind::Row ? symbols_.varying(uint64_t{7} << 60 | symbols_.fresh_number()) : data;
    }
    const Ref from = symbols_.ref(base);
    if (from.kind == RefKind::Fresh) {
      return from.deep && !shared_refs_stored_ ? Symbols::kFresh : Symbols::kOpaque;
    }
    if (from.kind == RefKind::Opaque || from.kind == RefKind::Null || data == kNone) {
      return Symbols::kOpaque;
    }
    return symbols_.ref(kind, base, data);
  }

  Symbol element(ValueId i, MemoryClass memory, Type type, RefId base, PolyId index) {
    if (type == Type::Ref) {
      return {Symbol::Ref, reference_in(base, memory, RefKind::Row, index == kNone ? symbols_.varying(kValueKey | i) : index)};
    }
    if (!ir::is_integer(type)) {
      return {};
    }
    if (index != kNone && symbols_.is_invariant_ref(base) && symbols_.is_invariant(index) && !class_written(memory, type)) {
      const uint64_t key = uint64_t{1} << 62 | static_cast<uint64_t>(base) << 32 | index;
      return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Invariant, key))};
    }
    return varying(i);
  }

  Symbol length(ValueId i, RefId base) {
    access(AccessKind::Read, MemoryClass::Header, Type::Void, base, kNone, 0, i);
    if (symbols_.is_invariant_ref(base) && !lengths_change_ && !all_written_) {
      return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Invariant, uint64_t{2} << 62 | base, symbols_.constant(0)))};
    }
    return varying(i, symbols_.constant(0));
  }

  void access(AccessKind kind, MemoryClass memory, Type type, RefId base, PolyId index, uint32_t offset, ValueId inst, uint8_t atomic_op = 0,
              ir::FunctionId callee = kNone, bool whole = false, bool pushes = false) {
    if (symbols_.ref(base).kind == RefKind::Part) {
      base = symbols_.ref(base).base;
      index = kNone;
      whole = true;
    }
    const Ref& at = symbols_.ref(base);
    if (at.kind == RefKind::Fresh || at.kind == RefKind::Null) {
      return;
    }
    // Headers only matter where arrays grow.
    if (memory == MemoryClass::Header && !lengths_change_ && !all_written_) {
      return;
    }
    if (weak_classes_) {
      memory = MemoryClass::Any;
      type = Type::Void;
    }
    LoopId loop = facts_.loop_of_block[facts_.block_of[inst]];
    loop = loop == kNone ? loop_ : loop;
    uint64_t key = base::hash_combine(static_cast<uint64_t>(kind) | static_cast<uint64_t>(memory) << 8 | static_cast<uint64_t>(type) << 16 |
                                          static_cast<uint64_t>(atomic_op) << 32 | static_cast<uint64_t>(whole) << 40 | static_cast<uint64_t>(pushes) << 41,
                                      static_cast<uint64_t>(base) << 32 | index);
    key = base::hash_combine(key, static_cast<uint64_t>(offset) << 32 | loop);
    if (seen_.insert(key).second) {
      out_.accesses.push_back({kind, memory, type, atomic_op, whole, base, index, offset, inst, callee, pushes, loop});
    }
  }

  // ---- calls --------------------------------------------------------------------------------------------------------

  Summary call_summary(const Inst& inst) const {
    if (inst.op == Op::Call) {
      return summaries_.of(inst.a);
    }
    const ValueId made = closure_value(inst.a);
    return made != kNone ? summaries_.of(f_.insts[made].a) : summaries_.of_closures(inst.c);
  }

  void note_effects(ValueId i, bool known, bool prints, bool world, bool sequential, bool panics) {
    if (!known) {
      obstacle(Obstacle::UnknownCall, i);
    }
    if (sequential) {
      obstacle(Obstacle::SequentialCall, i);
    }
    out_.prints = out_.prints || prints;
    out_.world = out_.world || world;
    out_.panics = out_.panics || panics;
  }

  Symbol call(ValueId i, const Inst& inst) {
    const Summary summary = call_summary(inst);
    note_effects(i, summary.known, summary.prints, summary.world, summary.sequential, summary.panics);
    out_.cost += weight_ * (5 + summary.cost);
    const auto args = f_.args(inst);
    std::vector<ValueId> given;
    if (inst.op == Op::CallClosure) {
      given.push_back(inst.a);
    }
    given.insert(given.end(), args.begin(), args.end());
    translate(summary, given, i, inst.op == Op::Call ? inst.a : kNone);
    if (inst.type == Type::Ref) {
      return {Symbol::Ref, summary.known && summary.returns_fresh ? Symbols::kFreshShallow : Symbols::kOpaque};
    }
    return integer_or_none(i, inst);
  }

  // Accesses of a callee in terms of its arguments.
  void translate(const Summary& summary, const std::vector<ValueId>& given, ValueId i, ir::FunctionId callee) {
    for (const SummaryAccess& a : summary.accesses) {
      RefId base = Symbols::kOpaque;
      if (a.parameter != kNone && a.parameter < given.size()) {
        const ValueId value = given[a.parameter];
        uint32_t step = 0;
        const ValueId closure = closure_value(value);
        if (closure != kNone && a.path_length > 0 && a.path[0] != kElementStep) {
          base = captured(f_.insts[closure], a.path[step++]);
        } else {
          base = ref_of(value);
        }
        for (; step < a.path_length && base != Symbols::kOpaque; ++step) {
          base = a.path[step] == kElementStep ? reference_in(base, MemoryClass::Element, RefKind::Row, symbols_.varying(kValueKey | i))
                                              : reference_in(base, MemoryClass::Field, RefKind::Field, a.path[step]);
        }
      }
      access(a.kind, a.memory, a.type, base, kNone, a.offset, i, a.atomic_op, callee, true);
    }
  }

  // The MakeClosure or FunctionRef that a value is, if that can be seen.
  ValueId closure_value(ValueId value) const {
    for (uint32_t depth = 0; depth < 4; ++depth) {
      const Inst& inst = f_.insts[value];
      if (inst.op == Op::MakeClosure || inst.op == Op::FunctionRef) {
        return value;
      }
      if (inst.op != Op::SlotGet || facts_.slots[inst.a].sets != 1 || facts_.slots[inst.a].last_set > value) {
        return kNone;
      }
      value = f_.insts[facts_.slots[inst.a].last_set].b;
    }
    return kNone;
  }

  // What the closure holds at that offset: 8 bytes each from byte 8 on, 32 for wide integers.
  RefId captured(const Inst& closure, uint32_t offset) {
    if (closure.op != Op::MakeClosure) {
      return Symbols::kOpaque;
    }
    uint32_t at = 8;
    for (const uint32_t value : f_.args(closure)) {
      if (at == offset) {
        return ref_of(value);
      }
      at += ir::capture_size(f_.insts[value].type);
    }
    return Symbols::kOpaque;
  }

  // A function value that the runtime runs: as known, else as all of that shape together.
  void runs(ValueId closure, size_t arguments, ValueId result, ValueId i) {
    const ValueId made = closure == kNone ? kNone : closure_value(closure);
    const Summary summary = made != kNone ? summaries_.of(f_.insts[made].a) : summaries_.of_closures(arguments);
    note_effects(i, summary.known, summary.prints, summary.world, summary.sequential, true);
    out_.cost += weight_ * summary.cost;
    std::vector<ValueId> given;
    if (made != kNone) {
      given = {closure};
      if (result != kNone) {
        given.push_back(result);
      }
      translate(summary, given, i, f_.insts[made].a);
      return;
    }
    for (const SummaryAccess& a : summary.accesses) {
      // The place of the result belongs to the call, which has noted it.
      if (arguments == 1 && a.parameter == 1 && a.path_length == 0) {
        continue;
      }
      access(a.kind, a.memory, a.type, Symbols::kOpaque, kNone, a.offset, i, a.atomic_op, kNone, true);
    }
  }

  Symbol call_runtime(ValueId i, const Inst& inst) {
    const auto id = static_cast<ir::RuntimeFunctionId>(inst.a);
    const RuntimeEffects effects = runtime_effects(id);
    note_effects(i, effects.known, effects.prints, effects.world, effects.sequential, effects.panics);
    out_.cost += weight_ * (effects.prints ? 60 : effects.fresh ? 60 : 20);
    const auto args = f_.args(inst);
    for (uint32_t k = 0; k < args.size() && k < effects.parameters.size(); ++k) {
      const char how = effects.parameters[k];
      if (how == '.' || f_.insts[args[k]].type != Type::Ref) {
        continue;
      }
      runtime_access(how, args[k], i);
    }
    if (effects.runs_code) {
      using Runtime = ir::RuntimeFunctionId;
      switch (id) {
        case Runtime::Try: case Runtime::Retry: runs(args[0], 1, args[1], i); break;
        case Runtime::Timeout: runs(args[1], 1, args[2], i); break;
        case Runtime::ArraySortBy: runs(args[1], 2, kNone, i); break;
        default: runs(kNone, 1, kNone, i); break;
      }
    }
    if (inst.type == Type::Ref) {
      const RefId base = args.empty() ? Symbols::kOpaque : ref_of(args[0]);
      if (effects.interior) {
        return make_address({MemoryClass::Map, base, kNone, 0});
      }
      if (effects.slice) {
        const RefKind kind = symbols_.ref(base).kind;
        return {Symbol::Ref, kind == RefKind::Fresh || kind == RefKind::Part || kind == RefKind::Opaque ? base : symbols_.ref(RefKind::Part, base, 0)};
      }
      return {Symbol::Ref, effects.fresh ? Symbols::kFreshShallow : Symbols::kOpaque};
    }
    return integer_or_none(i, inst);
  }

  void runtime_access(char how, ValueId argument, ValueId i) {
    const RefId object = ref_of(argument);
    auto whole = [&](AccessKind kind, MemoryClass memory, Type type, bool pushes = false) {
      access(kind, memory, type, object, kNone, 0, i, 0, kNone, true, pushes);
    };
    switch (how) {
      case 'r': whole(AccessKind::Read, MemoryClass::Element, Type::Void); break;
      case 's': whole(AccessKind::Read, MemoryClass::Element, Type::U8); break;
      case 'w': whole(AccessKind::Write, MemoryClass::Element, Type::Void); break;
      case 'm':
        whole(AccessKind::Write, MemoryClass::Element, Type::Void, true);
        whole(AccessKind::Write, MemoryClass::Header, Type::Void, true);
        break;
      case 'k': whole(AccessKind::Read, MemoryClass::Map, Type::Void); break;
      case 'K': whole(AccessKind::Write, MemoryClass::Map, Type::Void, true); break;
      case 'f': whole(AccessKind::Write, MemoryClass::Field, Type::Void); break;
      case 'd':
        whole(AccessKind::Read, MemoryClass::Any, Type::Void);
        if (any_written()) {
          access(AccessKind::Read, MemoryClass::Any, Type::Void, reachable(object), kNone, 0, i, 0, kNone, true);
        }
        break;
      default: {
        const bool in_place = symbol(argument).kind == Symbol::Address;
        const Address at = address_of(argument);
        access(how == 'p' ? AccessKind::Read : AccessKind::Write, at.memory, Type::Void, at.base, at.index, at.offset, i, 0, kNone, !in_place);
        break;
      }
    }
  }

  // What hangs on an object: nothing shared when it was made here out of such things.
  RefId reachable(RefId base) const {
    const Ref& r = symbols_.ref(base);
    return r.kind == RefKind::Null || (r.kind == RefKind::Fresh && r.deep && !shared_refs_stored_) ? base : Symbols::kOpaque;
  }

  const FunctionFacts& facts_;
  const ir::Function& f_;
  const Summaries& summaries_;
  LoopId loop_;
  LoopFacts out_;
  Symbols& symbols_;
  BlockId begin_, end_;
  ValueId first_, last_;
  std::vector<Symbol> values_;
  std::vector<Address> addresses_;
  std::vector<uint32_t> set_counts_;  ///< in the region, by slot
  std::vector<ValueId> only_set_;     ///< the last one in the region
  std::vector<Type> written_[kMemoryClasses];
  std::vector<bool> fresh_slots_;
  std::unordered_set<uint64_t> seen_;
  bool fresh_slots_made_ = false;
  bool weak_classes_ = false;        ///< addresses travel through variables or calls: memory classes say nothing
  bool all_written_ = false;
  bool shared_refs_stored_ = false;  ///< some reference stored to memory is not a new object
  bool lengths_change_ = false;
  uint64_t weight_ = 1;
};

}  // namespace

LoopFacts analyze_loop(const FunctionFacts& facts, LoopId loop, const Summaries& summaries) {
  return RegionAnalysis(facts, loop, summaries).run();
}

LoopFacts analyze_function(const FunctionFacts& facts, const Summaries& summaries) { return RegionAnalysis(facts, kNone, summaries).run(); }

}  // namespace omega::opt
