// SPDX-License-Identifier: Apache-2.0
// What an instruction gives, as a symbol.
#include "omega/opt/region_analysis.h"

#include "omega/ir/op_info.h"

namespace omega::opt {

using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;
using ir::ValueId;

bool can_panic(const ir::Function& f, const Inst& inst) {
  switch (inst.op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::Neg:
    case Op::Abs:
    case Op::Cast: return (inst.flags & ir::kChecked) != 0;
    case Op::Div:
    case Op::Mod: {
      if (ir::is_float(inst.type)) {
        return false;
      }
      const Inst& divisor = f.insts[inst.b];
      const bool safe = divisor.op == Op::Const && ir::const_value(divisor) != 0 && ir::const_value(divisor) != -1;
      return !safe;
    }
    case Op::Pow:
    case Op::CheckIndex:
    case Op::CheckBound:
    case Op::CheckThat:
    case Op::ArrayNew:
    case Op::Panic: return true;
    default: return false;
  }
}
Symbol RegionAnalysis::poly_or_varying(ValueId i, Poly poly) {
  const PolyId id = symbols_.intern(std::move(poly));
  return id == kNone ? varying(i) : Symbol{Symbol::Int, id};
}

Symbol RegionAnalysis::evaluate(ValueId i) {
  const Inst& inst = f_.insts[i];
  out_.cost += weight_;
  if (can_panic(f_, inst)) {
    out_.panics = true;
  }
  switch (inst.op) {
    case Op::Const:
      return inst.type == Type::Ref      ? Symbol{Symbol::Ref, Symbols::kNull}
             : ir::is_integer(inst.type) ? Symbol{Symbol::Int, symbols_.constant(ir::const_value(inst))}
                                         : Symbol{};
    case Op::ConstString:
    case Op::FunctionRef: return {Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, kValueRefKey | i)};
    case Op::Param:
      if (ir::is_integer(inst.type)) {
        return {Symbol::Int, symbols_.of_atom(symbols_.atom(AtomKind::Invariant, kValueKey | i))};
      }
      return inst.type == Type::Ref ? Symbol{Symbol::Ref, symbols_.ref(RefKind::Invariant, kNone, kParameterKey | inst.a)} : Symbol{};
    case Op::SlotGet: return slot_value(inst.a, i);
    case Op::SlotSet:
      // The value of a set is what was set, for slot_value.
      return symbol(inst.b);
    case Op::Add:
    case Op::Sub:
    case Op::Mul: return arithmetic(i, inst);
    case Op::Div:
    case Op::Mod: out_.cost += 10 * weight_; return inst.op == Op::Mod ? remainder(i, inst) : integer_or_none(i, inst);
    case Op::And: {
      int64_t mask;
      if (ir::is_integer(inst.type) && (symbols_.constant_value(int_of(inst.b), mask) || symbols_.constant_value(int_of(inst.a), mask)) && mask >= 0) {
        return varying(i, symbols_.constant(0), symbols_.constant(mask));
      }
      return integer_or_none(i, inst);
    }
    case Op::Cast: return cast(i, inst);
    case Op::NewObject:
    case Op::ArrayNew:
    case Op::StackObject:
      out_.allocates = true;
      out_.cost += 20 * weight_;
      // Nobody asks what is stored in a temporary: it holds what calls are given.
      return {Symbol::Ref, inst.op == Op::StackObject ? Symbols::kFreshShallow : Symbols::kFresh};
    case Op::MakeClosure: out_.allocates = true; return {Symbol::Ref, Symbols::kFreshShallow};
    case Op::FieldAddress: {
      const Address base = address_of(inst.a);
      return make_address({base.memory, base.base, base.index, base.offset + inst.b});
    }
    case Op::ElementAddress:
      access(AccessKind::Read, MemoryClass::Header, Type::Void, ref_of(inst.a), kNone, 0, i);
      return make_address({MemoryClass::Element, ref_of(inst.a), int_of(inst.b), 0});
    case Op::FixedAddress: return make_address({MemoryClass::Fixed, ref_of(inst.a), int_of(inst.b), 0});
    case Op::Load: return load(i, inst);
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
    case Op::ElementGet:
    case Op::FixedGet: {
      const MemoryClass memory = inst.op == Op::ElementGet ? MemoryClass::Element : MemoryClass::Fixed;
      access(AccessKind::Read, memory, inst.type, ref_of(inst.a), int_of(inst.b), 0, i);
      return element(i, memory, inst.type, ref_of(inst.a), int_of(inst.b));
    }
    case Op::ElementSet:
    case Op::FixedSet:
      access(AccessKind::Write, inst.op == Op::ElementSet ? MemoryClass::Element : MemoryClass::Fixed, f_.insts[inst.c].type, ref_of(inst.a), int_of(inst.b), 0,
             i);
      return {};
    case Op::ArrayLength: return length(i, ref_of(inst.a));
    case Op::CheckIndex: length(i, ref_of(inst.b)); return {};
    case Op::Call:
    case Op::CallClosure: return call(i, inst);
    case Op::CallRuntime: return call_runtime(i, inst);
    case Op::Ret: {
      const Ref given = inst.c > 0 ? symbols_.ref(ref_of(f_.extra[inst.b])) : Ref{RefKind::Opaque, false, kNone, 0};
      const bool is_null = given.kind == RefKind::Null;
      out_.returns_fresh = out_.returns_fresh && (is_null || given.kind == RefKind::Fresh);
      out_.returns_deep = out_.returns_deep && (is_null || (given.kind == RefKind::Fresh && given.deep));
      return {};
    }
    case Op::Br:
    case Op::CondBr: pass_arguments(inst); return {};
    case Op::BlockArg: {
      const auto passed = inst.type == Type::Ref ? arguments_.find(argument_key(facts_.block_of[i], inst.a)) : arguments_.end();
      return passed != arguments_.end() ? Symbol{Symbol::Ref, passed->second} : integer_or_none(i, inst);
    }
    case Op::ParallelFor: obstacle(Obstacle::UnknownCall, i); return {};
    default:
      if (inst.op >= Op::StateVariable && inst.op <= Op::CallRaw) {
        obstacle(Obstacle::UnknownCall, i);  // the state of a contract is not split up among threads
      }
      return integer_or_none(i, inst);
  }
}

void RegionAnalysis::pass_arguments(const Inst& branch) {
  ir::for_each_successor(f_, branch, [&](ir::BlockId to, std::span<const uint32_t> args) {
    for (uint32_t k = 0; k < args.size(); ++k) {
      if (f_.insts[args[k]].type == Type::Ref) {
        const RefId given = ref_of(args[k]);
        const auto [known, is_new] = arguments_.try_emplace(argument_key(to, k), given);
        known->second = is_new ? given : symbols_.either(known->second, given);
      }
    }
  });
}

Symbol RegionAnalysis::integer_or_none(ValueId i, const Inst& inst) {
  if (ir::is_integer(inst.type)) {
    return varying(i);
  }
  return inst.type == Type::Ref ? Symbol{Symbol::Ref, Symbols::kOpaque} : Symbol{};
}

Symbol RegionAnalysis::arithmetic(ValueId i, const Inst& inst) {
  const bool exact = ir::is_integer(inst.type) && (inst.flags & ir::kChecked) != 0;
  const PolyId a = exact ? int_of(inst.a) : kNone;
  const PolyId b = exact ? int_of(inst.b) : kNone;
  if (a == kNone || b == kNone) {
    return integer_or_none(i, inst);
  }
  return poly_or_varying(
      i, inst.op == Op::Mul ? multiply(symbols_.poly(a), symbols_.poly(b)) : add(symbols_.poly(a), symbols_.poly(b), inst.op == Op::Sub ? -1 : 1));
}

Symbol RegionAnalysis::remainder(ValueId i, const Inst& inst) {
  int64_t divisor;
  if (!ir::is_integer(inst.type) || !symbols_.constant_value(int_of(inst.b), divisor) || divisor <= 0) {
    return integer_or_none(i, inst);
  }
  return varying(i, symbols_.constant(ir::is_signed(inst.type) ? 1 - divisor : 0), symbols_.constant(divisor - 1));
}

Symbol RegionAnalysis::cast(ValueId i, const Inst& inst) {
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

bool RegionAnalysis::bounds_fit(Type type) const {
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

bool RegionAnalysis::fits(ValueId value, Type type) const {
  const Inst& inst = f_.insts[value];
  if (inst.op == Op::Const) {
    const int64_t n = ir::const_value(inst);
    const uint32_t bits = ir::bit_width(type) - (ir::is_signed(type) ? 1 : 0);
    return (n >= 0 || ir::is_signed(type)) && (bits >= 63 || (n < (int64_t{1} << bits) && n >= -(int64_t{1} << bits)));
  }
  return inst.op == Op::Cast && f_.insts[inst.a].type == type && ir::is_integer(type) && ((inst.flags & ir::kChecked) != 0 || ir::bit_width(type) < 64);
}

}  // namespace omega::opt
