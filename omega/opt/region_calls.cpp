// SPDX-License-Identifier: Apache-2.0
// What calls do, in terms of their arguments.
#include "omega/opt/region_analysis.h"

#include "omega/ir/op_info.h"

namespace omega::opt {

using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;
using ir::ValueId;

const Summary& RegionAnalysis::call_summary(const Inst& inst) const {
  if (inst.op == Op::Call) {
    return summaries_.of(inst.a);
  }
  const ValueId made = closure_value(inst.a);
  return made != kNone ? summaries_.of(f_.insts[made].a) : summaries_.of_closures(inst.c);
}

void RegionAnalysis::note_effects(ValueId i, bool known, bool prints, bool world, bool sequential, bool panics) {
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

Symbol RegionAnalysis::call(ValueId i, const Inst& inst) {
  const Summary& summary = call_summary(inst);
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
    return {Symbol::Ref, makes_deep(inst) ? Symbols::kFresh : summary.known && summary.returns_fresh ? Symbols::kFreshShallow : Symbols::kOpaque};
  }
  return integer_or_none(i, inst);
}

void RegionAnalysis::translate(const Summary& summary, const std::vector<ValueId>& given, ValueId i, ir::FunctionId callee) {
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
    access(a.kind, a.memory, a.type, a.below ? below(base) : base, kNone, a.offset, i, a.atomic_op, callee, true);
  }
}

RefId RegionAnalysis::below(RefId base) {
  if (symbols_.ref(base).kind == RefKind::Part) {
    base = symbols_.ref(base).base;
  }
  switch (const Ref& from = symbols_.ref(base); from.kind) {
    case RefKind::Null: return base;
    case RefKind::Fresh: return from.deep && shared_in_ == 0 ? base : Symbols::kOpaque;
    case RefKind::Below: return shared_in_ != 0 ? Symbols::kOpaque : base;
    case RefKind::Opaque: return base;
    default: return shared_in_ != 0 || loop_ != kNone ? Symbols::kOpaque : symbols_.ref(RefKind::Below, base, 0);
  }
}

ValueId RegionAnalysis::closure_value(ValueId value) const {
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

RefId RegionAnalysis::captured(const Inst& closure, uint32_t offset) {
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

void RegionAnalysis::runs(ValueId closure, size_t arguments, ValueId result, ValueId i) {
  const ValueId made = closure == kNone ? kNone : closure_value(closure);
  const Summary& summary = made != kNone ? summaries_.of(f_.insts[made].a) : summaries_.of_closures(arguments);
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
    if (arguments == 1 && a.parameter == 1 && a.path_length == 0 && !a.below) {
      continue;
    }
    access(a.kind, a.memory, a.type, Symbols::kOpaque, kNone, a.offset, i, a.atomic_op, kNone, true);
  }
}

Symbol RegionAnalysis::call_runtime(ValueId i, const Inst& inst) {
  const auto id = static_cast<ir::RuntimeFunctionId>(inst.a);
  const RuntimeEffects& effects = runtime_effects(id);
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
      case Runtime::Try:
      case Runtime::Retry: runs(args[0], 1, args[1], i); break;
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
    return {Symbol::Ref, makes_deep(inst) ? Symbols::kFresh : effects.fresh ? Symbols::kFreshShallow : Symbols::kOpaque};
  }
  return integer_or_none(i, inst);
}

void RegionAnalysis::runtime_access(char how, ValueId argument, ValueId i) {
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

RefId RegionAnalysis::reachable(RefId base) const {
  const Ref& r = symbols_.ref(base);
  return r.kind == RefKind::Null || (r.kind == RefKind::Fresh && r.deep && shared_in_ == 0) ? base : Symbols::kOpaque;
}

}  // namespace omega::opt
