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
        written(class_of_address(inst.a), f_.insts[inst.c].type, inst.c);
        break;
      case Op::ElementSet: written(MemoryClass::Element, f_.insts[inst.c].type, inst.c); break;
      case Op::FixedSet: written(MemoryClass::Fixed, f_.insts[inst.c].type, inst.c); break;
      case Op::Atomic: written(class_of_address(inst.a), f_.insts[inst.b].type, inst.b); break;
      case Op::Call:
      case Op::CallClosure: {
        const Summary& summary = call_summary(inst);
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
        const RuntimeEffects& effects = runtime_effects(static_cast<ir::RuntimeFunctionId>(inst.a));
        const auto args = f_.args(inst);
        for (uint32_t k = 0; k < args.size() && k < effects.parameters.size(); ++k) {
          const char how = effects.parameters[k];
          switch (how) {
            case 'w':
            case 'm': {
              const bool has_value = inst.c > 1 && f_.insts[args.back()].type == Type::Ref;
              // A pushed reference, or a pointer to the value.
              const bool direct = static_cast<ir::RuntimeFunctionId>(inst.a) == ir::RuntimeFunctionId::ArrayPushRef;
              const ValueId value = !has_value ? kNone : direct ? args.back() : pointee_value(args.back());
              written(MemoryClass::Element, value != kNone ? f_.insts[value].type : inst.c > 1 && !has_value ? f_.insts[args.back()].type : Type::Void, value);
              if (how == 'm') {
                lengths_change_ = true;
                written(MemoryClass::Header, Type::U1, kNone);
              }
              break;
            }
            case 'K': written(MemoryClass::Map, Type::Void, kNone); break;
            case 'f':
            case 'o': written(MemoryClass::Field, how == 'f' ? Type::U64 : Type::Void, kNone); break;
            default: break;
          }
        }
        if (effects.runs_code) {
          // What they run may write what its summary says; its places are looked at in the walk.
          bool writes = false;
          const size_t position = static_cast<ir::RuntimeFunctionId>(inst.a) == ir::RuntimeFunctionId::Timeout ||
                                          static_cast<ir::RuntimeFunctionId>(inst.a) == ir::RuntimeFunctionId::ArraySortBy
                                      ? 1
                                      : 0;
          const ValueId made = closure_value(args[position]);
          const bool one = made != kNone && static_cast<ir::RuntimeFunctionId>(inst.a) != ir::RuntimeFunctionId::TasksRun;
          const Summary& summary = one ? summaries_.of(f_.insts[made].a) : summaries_.of_closures(1);
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
      case Op::Br:
      case Op::CondBr:
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
      default: break;
    }
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
    default: return MemoryClass::Field;
  }
}

void RegionAnalysis::written(MemoryClass memory, Type type, ValueId value) {
  all_written_ = all_written_ || memory == MemoryClass::Any;
  written_[static_cast<size_t>(memory)].push_back(type);
  if (type != Type::Ref && type != Type::Void) {
    return;
  }
  if (value == kNone || !stores_fresh(value)) {
    shared_refs_stored_ = true;
  }
}

bool RegionAnalysis::stores_fresh(ValueId value) const {
  for (uint32_t depth = 0; depth < 4; ++depth) {
    const Inst& inst = f_.insts[value];
    switch (inst.op) {
      case Op::NewObject:
      case Op::ArrayNew:
      case Op::Const:
      case Op::ConstString: return true;
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
      default: return false;
    }
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
