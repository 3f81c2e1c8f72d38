// SPDX-License-Identifier: Apache-2.0
// Copying of instructions with their operands in `extra`.
#include "omega/opt/function_copier.h"

namespace omega::opt {

using ir::Inst;
using ir::kNone;
using ir::Op;
using ir::Role;
using ir::ValueId;

bool is_constant(Op op) {
  switch (op) {
    case Op::Const:
    case Op::ConstWide:
    case Op::ConstFloat:
    case Op::ConstString:
    case Op::FunctionRef: return true;
    default: return false;
  }
}

ValueId FunctionCopier::value(ValueId old) {
  if (values_[old] != kNone) {
    return values_[old];
  }
  OMEGA_CHECK(is_constant(from_.insts[old].op), "an operand is used before it is copied");
  // Not remembered: this place need not dominate the next use.
  const ValueId now = copy_inst(old);
  values_[old] = kNone;
  return now;
}

ir::Label FunctionCopier::label(ir::BlockId old) {
  if (!labels_[old].valid()) {
    map_label(old, to_.new_label());
  }
  return labels_[old];
}

ir::SlotId FunctionCopier::slot(ir::SlotId old) {
  if (old == kNone) {
    return kNone;
  }
  if (slots_[old] == kNone) {
    const ir::Slot& s = from_.slots[old];
    slots_[old] = to_.add_slot(s.type, s.name, s.is_user != 0, s.loop_depth, s.location);
    copied_slots_.push_back(old);
  }
  return slots_[old];
}

void FunctionCopier::copy_block(ir::BlockId old) {
  to_.start_block(label(old));
  for (ValueId i = from_.blocks[old].first; i < from_.blocks[old].end; ++i) {
    copy_inst(i);
  }
}

std::vector<uint32_t> FunctionCopier::mapped(std::span<const uint32_t> values) {
  std::vector<uint32_t> now;
  now.reserve(values.size());
  for (const uint32_t v : values) {
    now.push_back(v == kNone ? kNone : value(v));
  }
  return now;
}

ValueId FunctionCopier::copy_inst(ValueId old) {
  const Inst& inst = from_.insts[old];
  to_.set_location(from_.locations[old]);
  ValueId now = kNone;
  switch (inst.op) {
    case Op::Param: now = to_.param(inst.a); break;
    case Op::ConstString: now = to_.const_string(from_.strings[inst.a]); break;
    case Op::ConstWide: now = to_.emit(inst.op, inst.type, to_.add_extra({from_.extra.data() + inst.a, 8}), 0, 0, inst.flags); break;
    case Op::Call:
    case Op::CallRuntime:
    case Op::MakeClosure:
    case Op::EmitEvent:
    case Op::Create:
    case Op::CallContract:
    case Op::CallRaw:
    case Op::Recover:
    case Op::DataConcat: now = to_.emit(inst.op, inst.type, inst.a, to_.add_extra(mapped(from_.args(inst))), inst.c, inst.flags); break;
    case Op::DataEncode: {
      std::vector<uint32_t> words = mapped(from_.args(inst));
      const uint32_t* const types = from_.extra.data() + inst.b + inst.c;
      words.insert(words.end(), types, types + inst.c);
      now = to_.emit(inst.op, inst.type, inst.a, to_.add_extra(words), inst.c, inst.flags);
      break;
    }
    case Op::DataDecode: {
      const ValueId bytes = value(inst.a);
      now = to_.emit(inst.op, inst.type, bytes, to_.add_extra(from_.args(inst)), inst.c, inst.flags);
      break;
    }
    case Op::CallClosure: {
      const ValueId callee = value(inst.a);
      now = to_.emit(inst.op, inst.type, callee, to_.add_extra(mapped(from_.args(inst))), inst.c, inst.flags);
      break;
    }
    case Op::ParallelFor: {
      ir::ParallelForRecord record = ir::parallel_for_record(from_, inst);
      for (ValueId* field : {&record.lo, &record.hi, &record.threads, &record.env, &record.acc, &record.neutral}) {
        if (*field != kNone) {
          *field = value(*field);
        }
      }
      now = to_.parallel_for(record);
      break;
    }
    case Op::Br: to_.br(label(inst.a), mapped(from_.args(inst))); return kNone;
    case Op::CondBr: {
      const uint32_t* at = from_.extra.data() + inst.b;
      const std::vector<uint32_t> then_args = mapped({at + 2, at[1]});
      const uint32_t* other = at + 2 + at[1];
      const std::vector<uint32_t> else_args = mapped({other + 2, other[1]});
      const ValueId condition = value(inst.a);
      to_.cond_br(condition, label(at[0]), label(other[0]), then_args, else_args);
      return kNone;
    }
    case Op::Ret: to_.ret(mapped(from_.args(inst))); return kNone;
    case Op::Revert: to_.revert(inst.a, mapped(from_.args(inst))); return kNone;
    case Op::RevertData: to_.revert_data(value(inst.a)); return kNone;
    case Op::Panic: to_.panic(static_cast<ir::PanicKind>(inst.a), inst.b == kNone ? kNone : value(inst.b)); return kNone;
    case Op::Unreachable: to_.unreachable(); return kNone;
    default: {
      const ir::OpInfo& info = ir::op_info(inst.op);
      auto field = [&](Role role, uint32_t content) {
        switch (role) {
          case Role::Value: return value(content);
          case Role::OptionalValue: return content == kNone ? kNone : value(content);
          case Role::Slot: return slot(content);
          default: return content;
        }
      };
      const uint32_t a = field(info.roles[0], inst.a);
      const uint32_t b = field(info.roles[1], inst.b);
      const uint32_t c = field(info.roles[2], inst.c);
      now = to_.emit(inst.op, inst.type, a, b, c, inst.flags);
      break;
    }
  }
  map_value(old, now);
  return now;
}

ir::LoopId FunctionCopier::copy_loop(ir::LoopId old, ir::LoopId parent) {
  ir::Loop loop = from_.loops[old];
  loop.header = label(loop.header).index;
  loop.body = label(loop.body).index;
  loop.latch = label(loop.latch).index;
  loop.exit = label(loop.exit).index;
  loop.iv = slot(loop.iv);
  loop.hi = slot(loop.hi);
  loop.threads = slot(loop.threads);
  loop.parent = parent;
  loops_[old] = to_.add_loop(loop);
  copied_loops_.push_back(old);
  return loops_[old];
}

void FunctionCopier::forget() {
  const auto forget_in = [](auto& map, auto& copied, auto nothing) {
    for (const uint32_t old : copied) {
      map[old] = nothing;
    }
    copied.clear();
  };
  forget_in(values_, copied_values_, kNone);
  forget_in(labels_, copied_labels_, ir::Label{});
  forget_in(slots_, copied_slots_, kNone);
  forget_in(loops_, copied_loops_, kNone);
}

}  // namespace omega::opt
