// SPDX-License-Identifier: Apache-2.0
// What a region writes, by class of memory, and whether its references stay apart: found before the walk.
#include "omega/opt/region_analysis.h"

#include <algorithm>

#include "omega/ir/op_info.h"

namespace omega::opt {

using ir::BlockId;
using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Type;
using ir::ValueId;

void RegionAnalysis::scan() {
  for (ValueId i = first_; i < last_; ++i) {
    const Inst& inst = f_.insts[i];
    switch (inst.op) {
      case Op::SlotSet: {
        Sets& sets = sets_.of(inst.a);
        ++sets.count;
        sets.last = i;
        escape(inst.b);
        break;
      }
      case Op::Store:
        escape(inst.c);
        if (f_.insts[inst.a].op != Op::StackObject) {
          const Inst& address = f_.insts[inst.a];
          written_value(class_of_address(inst.a), inst.c, inst.b + (address.op == Op::FieldAddress ? address.b : 0));
        }
        break;
      case Op::ElementSet: written_value(MemoryClass::Element, inst.c); break;
      case Op::FixedSet: written_value(MemoryClass::Fixed, inst.c); break;
      case Op::Atomic: written_value(class_of_address(inst.a), inst.b); break;
      case Op::Call:
      case Op::CallClosure: {
        const Summary& summary = call_summary(inst);
        for (const SummaryAccess& access : summary.accesses) {
          if (access.kind != AccessKind::Read) {
            written(access.memory, access.type, true);
          }
        }
        shared_in_ |= summary.shared_in;
        for (const uint32_t argument : f_.args(inst)) {
          escape(argument);
        }
        break;
      }
      case Op::CallRuntime: scan_runtime_call(inst); break;
      case Op::Br:
      case Op::CondBr:
        ir::for_each_successor(f_, inst, [&](BlockId to, std::span<const uint32_t> args) {
          for (uint32_t k = 0; k < args.size(); ++k) {
            escape(args[k]);
            if (to <= facts_.block_of[i]) {
              arguments_.insert_or_assign(argument_key(to, k), Symbols::kOpaque);  // the walk meets the argument first
            }
          }
        });
        break;
      case Op::Ret:
        for (const uint32_t argument : f_.args(inst)) {
          escape(argument);
        }
        break;
      default: break;
    }
  }
  if (weak_classes_ && shared_in_ != 0) {
    shared_in_ = kAllPlaces;
  }
}

void RegionAnalysis::scan_runtime_call(const Inst& inst) {
  using Id = ir::RuntimeFunctionId;
  const auto id = static_cast<Id>(inst.a);
  const RuntimeEffects& effects = runtime_effects(id);
  const auto args = f_.args(inst);
  for (uint32_t k = 0; k < args.size() && k < effects.parameters.size(); ++k) {
    const char how = effects.parameters[k];
    switch (how) {
      case 'w':
      case 'm':
        if (args.size() > 1) {
          written_argument(MemoryClass::Element, args.back(), id == Id::ArrayPushRef);
        } else {
          written(MemoryClass::Element, Type::Void, false);
        }
        if (how == 'm') {
          lengths_change_ = true;
          written(MemoryClass::Header, Type::U1, true);
        }
        break;
      case 'K':
        // Keys are texts at most, which nothing can change; what is put beside a key by its place, a store puts there.
        if (id == Id::MapSet) {
          written_argument(MemoryClass::Map, args.back(), false);
        } else {
          written(MemoryClass::Map, Type::Void, true);
        }
        break;
      case 'f': written(MemoryClass::Field, Type::U64, true); break;
      case 'o':
        if (f_.insts[args[k]].op != Op::StackObject) {
          written(MemoryClass::Field, Type::Void, false);
          shared_in_ = kAllPlaces;  // the address may lead anywhere
        }
        break;
      default: break;
    }
  }
  if (effects.runs_code) {
    // What they run may write what its summary says; its places are looked at in the walk.
    bool writes = false;
    const ValueId made = closure_value(args[id == Id::Timeout || id == Id::ArraySortBy ? 1 : 0]);
    const bool one = made != kNone && id != Id::TasksRun;
    const Summary& summary = one ? summaries_.of(f_.insts[made].a) : summaries_.of_closures(1);
    for (const SummaryAccess& access : summary.accesses) {
      if (access.kind != AccessKind::Read && !(access.parameter == 1 && access.path_length == 0 && !access.below)) {
        written(access.memory, access.type, true);
        writes = true;
      }
    }
    shared_in_ |= summary.shared_in;
    all_written_ = all_written_ || !summary.known || (writes && !one);
  }
}

void RegionAnalysis::written_argument(MemoryClass memory, ValueId argument, bool is_direct) {
  const ValueId value = f_.insts[argument].type != Type::Ref || is_direct ? argument : pointee_value(argument);
  if (value == kNone) {
    written(memory, Type::Void, false);
  } else {
    written_value(memory, value);
  }
}

ValueId RegionAnalysis::pointee_value(ValueId pointer) const {
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

void RegionAnalysis::escape(ValueId value) {
  const Op op = f_.insts[value].op;
  if (op == Op::ElementAddress || op == Op::FixedAddress || op == Op::FieldAddress) {
    weak_classes_ = true;
  }
}

MemoryClass RegionAnalysis::class_of_address(ValueId value) const {
  switch (f_.insts[value].op) {
    case Op::ElementAddress: return MemoryClass::Element;
    case Op::FixedAddress: return MemoryClass::Fixed;
    case Op::CallRuntime: return MemoryClass::Map;
    default: return MemoryClass::Field;
  }
}

void RegionAnalysis::written(MemoryClass memory, Type type, bool is_new, uint32_t offset) {
  all_written_ = all_written_ || memory == MemoryClass::Any;
  written_[static_cast<size_t>(memory)].push_back(type);
  if ((type == Type::Ref || type == Type::Void) && !is_new) {
    shared_in_ |= places_of(memory, offset);
  }
}

bool RegionAnalysis::makes_deep(const Inst& inst) const {
  using Id = ir::RuntimeFunctionId;
  switch (inst.op) {
    case Op::NewObject:
    case Op::ArrayNew:
    case Op::Const:
    case Op::ConstString: return true;
    case Op::Call:
    case Op::CallClosure: {
      const Summary& summary = call_summary(inst);
      return summary.known && summary.returns_deep;
    }
    case Op::CallRuntime: {
      const auto id = static_cast<Id>(inst.a);
      if (id == Id::ArrayCopy || id == Id::ArrayConcat) {
        // The last argument says whether elements are references.
        const Inst& flags = f_.insts[f_.args(inst).back()];
        return flags.op == Op::Const && ir::const_value(flags) == 0;
      }
      return runtime_effects(id).deep;
    }
    default: return false;
  }
}

bool RegionAnalysis::stores_fresh(ValueId value) const {
  for (uint32_t depth = 0; depth < 4; ++depth) {
    const Inst& inst = f_.insts[value];
    if (inst.op != Op::SlotGet) {
      return makes_deep(inst);
    }
    if (set_in_region(inst.a) != 1 || only_set_in_region(inst.a) == kNone) {
      return false;
    }
    value = f_.insts[only_set_in_region(inst.a)].b;
  }
  return false;
}

bool RegionAnalysis::class_written(MemoryClass memory, Type type) const {
  if (all_written_ || weak_classes_) {
    return all_written_ || any_written();
  }
  const auto& types = written_[static_cast<size_t>(memory)];
  return std::any_of(types.begin(), types.end(), [&](Type t) { return t == type || t == Type::Void || type == Type::Void; });
}

bool RegionAnalysis::any_written() const {
  return std::any_of(std::begin(written_), std::end(written_), [](const auto& types) { return !types.empty(); });
}

}  // namespace omega::opt
