// SPDX-License-Identifier: Apache-2.0
#include "omega/codegen/move/function_writer.h"

#include <algorithm>

#include "omega/codegen/common/refusals.h"
#include "omega/codegen/move/abort_codes.h"
#include "omega/ir/op_info.h"

namespace omega::codegen::move {

using ir::Inst;
using ir::Op;

namespace {

/// Limits of the VM's verifier as chains set them.
constexpr uint32_t kMaxParameters = 128;
constexpr uint32_t kMaxBlocks = 1024;
constexpr uint32_t kMaxLoopDepth = 5;
/// So deep may late values lie in each other.
constexpr uint32_t kMaxExpressionDepth = 32;
/// From so many on panics are calls, which make no basic blocks.
constexpr uint32_t kMaxInlinePanics = 200;

/// States of a value that is written where it is used.
constexpr uint8_t kLate = 1;
constexpr uint8_t kConsumed = 2;

/// Operations without an effect, whose value depends on their operands alone.
bool is_plain(const Inst& in) {
  switch (in.op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::Neg:
    case Op::Abs:
    case Op::Pow: return (in.flags & ir::kChecked) == 0;
    case Op::Not:
    case Op::And:
    case Op::Or:
    case Op::Xor:
    case Op::Shl:
    case Op::Shr:
    case Op::Min:
    case Op::Max:
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::Gt:
    case Op::Ge:
    case Op::Select:
    case Op::Cast:
    case Op::Bitcast:
    case Op::StateElement:
    case Op::StateField: return true;
    default: return false;
  }
}

/// The code of Solidity's Panic(uint256).
uint64_t panic_code(ir::PanicKind kind) {
  switch (kind) {
    case ir::PanicKind::Assert: return 0x01;
    case ir::PanicKind::Overflow: return kOverflowPanic;
    case ir::PanicKind::DivisionByZero: return kDivisionPanic;
    case ir::PanicKind::BadEnum: return kEnumPanic;
    case ir::PanicKind::PopEmpty: return 0x31;
    case ir::PanicKind::IndexOutOfBounds: return kIndexPanic;
    case ir::PanicKind::NegativeLength: return kLengthPanic;
    case ir::PanicKind::NullCall: return 0x51;
    default: return kPlainCode;
  }
}

bool is_constant_op(Op op) { return op == Op::Const || op == Op::ConstWide; }

}  // namespace

void write_function(Program& program, ir::FunctionId id) { FunctionWriter(program, id).write(); }

FunctionWriter::FunctionWriter(Program& program, ir::FunctionId id)
    : program_(program),
      support_(program.support()),
      f_(program.module().functions[id]),
      id_(id),
      flow_(f_),
      code_(program.builder(), static_cast<uint32_t>(f_.params.size()) + 2) {}

void FunctionWriter::write() {
  if (f_.params.size() + 2 > kMaxParameters) {
    refuse(ir::kNone, "more than 126 parameters");
    return;
  }
  for (const ir::Loop& loop : f_.loops) {
    if (loop.depth >= kMaxLoopDepth) {
      refuse(ir::kNone, "loops more than five deep");
      return;
    }
  }
  plan();
  for (ir::BlockId b = 0; b < f_.blocks.size(); ++b) {
    if (flow_.reachable(b)) {
      block(b);
    }
  }
  if (code_.local_count() > object::move::kMaxLocals) {
    refuse(ir::kNone, "a function with more than 255 variables and intermediate values");
  } else if (code_.size() > object::move::kMaxIndex || code_.block_count() > kMaxBlocks) {
    refuse(ir::kNone, "a function of this size (more than 1024 basic blocks or 65535 instructions)");
  } else {
    program_.builder().define_function(code_.finish(program_.function(id_), object::move::Visibility::Private));
  }
}

void FunctionWriter::plan() {
  const size_t count = f_.insts.size();
  uses_.assign(count, 0);
  left_.assign(count, 0);
  late_.assign(count, 0);
  is_local_to_block_.assign(count, 1);
  local_.assign(count, ir::kNone);
  reads_.resize(count);
  std::vector<uint32_t> block_of(count, 0);
  std::vector<uint32_t> user(count, ir::kNone);
  for (ir::BlockId b = 0; b < f_.blocks.size(); ++b) {
    labels_.push_back(code_.label());
    for (uint32_t i = f_.blocks[b].first; i < f_.blocks[b].end; ++i) {
      block_of[i] = b;
    }
  }
  for (ir::BlockId b = 0; b < f_.blocks.size(); ++b) {
    for (uint32_t i = f_.blocks[b].first; flow_.reachable(b) && i < f_.blocks[b].end; ++i) {
      ir::for_each_value(f_, f_.insts[i], [&](uint32_t v) {
        ++uses_[v];
        user[v] = i;
        if (block_of[v] != b) {
          is_local_to_block_[v] = 0;
        }
      });
    }
  }
  left_ = uses_;
  std::vector<uint8_t> depth(count, 0);
  for (uint32_t i = 0; i < count; ++i) {
    const Inst& in = f_.insts[i];
    const bool may_be_late = (is_plain(in) || in.op == Op::SlotGet) && uses_[i] == 1 && is_local_to_block_[i] != 0;
    if (in.op == Op::Param) {
      local_[i] = in.a + 2;
      is_local_to_block_[i] = 0;
    }
    if (!may_be_late) {
      continue;
    }
    uint32_t deepest = 0;
    if (in.op == Op::SlotGet) {
      reads_[i].push_back(in.a);
    }
    ir::for_each_value(f_, in, [&](uint32_t v) {
      if (late_[v] != 0) {
        deepest = std::max<uint32_t>(deepest, depth[v]);
        reads_[i].insert(reads_[i].end(), reads_[v].begin(), reads_[v].end());
      }
    });
    if (deepest + 1 < kMaxExpressionDepth) {
      late_[i] = kLate;
      depth[i] = static_cast<uint8_t>(deepest + 1);
    }
  }
  plan_slots();
}

/// Slots that the entry block does not set before it reads them begin as zero.
void FunctionWriter::plan_slots() {
  slot_local_.assign(f_.slots.size(), ir::kNone);
  std::vector<uint8_t> is_set_first(f_.slots.size(), 0);
  std::vector<uint8_t> is_seen(f_.slots.size(), 0);
  for (ir::BlockId b = 0; b < f_.blocks.size(); ++b) {
    for (uint32_t i = f_.blocks[b].first; flow_.reachable(b) && i < f_.blocks[b].end; ++i) {
      const Inst& in = f_.insts[i];
      if (in.op != Op::SlotGet && in.op != Op::SlotSet) {
        continue;
      }
      if (is_seen[in.a] == 0) {
        is_seen[in.a] = 1;
        is_set_first[in.a] = b == 0 && in.op == Op::SlotSet;
        slot_local_[in.a] = new_local(f_.slots[in.a].type);
      }
    }
  }
  for (ir::SlotId s = 0; s < f_.slots.size(); ++s) {
    if (slot_local_[s] == ir::kNone || is_set_first[s] != 0) {
      continue;
    }
    if (f_.slots[s].type == ir::Type::U1) {
      code_.boolean(false);
    } else {
      code_.u256(0);
    }
    code_.store(slot_local_[s]);
  }
}

uint32_t FunctionWriter::new_local(ir::Type type) { return code_.local(type == ir::Type::U1 ? support_.boolean : support_.word); }

void FunctionWriter::push_constant(const Inst& in) {
  if (in.op == Op::ConstWide) {
    Limbs limbs{};
    for (uint32_t i = 0; i < 4; ++i) {
      limbs[i] = f_.extra[in.a + 2 * i] | static_cast<uint64_t>(f_.extra[in.a + 2 * i + 1]) << 32;
    }
    code_.u256(limbs);
    return;
  }
  const int64_t value = ir::const_value(in);
  if (in.type == ir::Type::U1) {
    code_.boolean((value & 1) != 0);
    return;
  }
  const uint64_t sign = ir::is_signed(in.type) && value < 0 ? ~uint64_t{0} : 0;
  code_.u256({static_cast<uint64_t>(value), sign, sign, sign});
}

bool FunctionWriter::is_constant(ValueId v, uint64_t& value) const {
  const Inst& in = f_.insts[v];
  if (in.op != Op::Const) {
    return false;
  }
  value = static_cast<uint64_t>(ir::const_value(in));
  return true;
}

void FunctionWriter::push(ValueId v) {
  const Inst& in = f_.insts[v];
  if (in.op == Op::StateVariable) {
    expression(v);  // a number
  } else if (is_constant_op(in.op)) {
    push_constant(in);
  } else if (late_[v] != 0) {
    late_[v] = kConsumed;
    expression(v);
  } else {
    code_.copy(local_[v]);
    free_local(v);
  }
}

void FunctionWriter::free_local(ValueId v) {
  if (is_local_to_block_[v] != 0 && --left_[v] == 0) {
    (type_of(v) == ir::Type::U1 ? free_booleans_ : free_words_).push_back(local_[v]);
  }
}

void FunctionWriter::keep(ValueId v) {
  if (uses_[v] == 0) {
    code_.op(Opcode::Pop);
    return;
  }
  std::vector<uint32_t>& free = type_of(v) == ir::Type::U1 ? free_booleans_ : free_words_;
  if (local_[v] == ir::kNone && is_local_to_block_[v] != 0 && !free.empty()) {
    local_[v] = free.back();
    free.pop_back();
  } else if (local_[v] == ir::kNone) {
    local_[v] = new_local(type_of(v));
  }
  code_.store(local_[v]);
}

void FunctionWriter::settle(ir::SlotId slot) {
  for (size_t i = 0; i < pending_.size(); ++i) {
    const ValueId v = pending_[i];
    if (late_[v] != kLate || std::find(reads_[v].begin(), reads_[v].end(), slot) == reads_[v].end()) {
      continue;
    }
    // The outermost late value that reads it stands last; those inside are part of it.
    bool is_inside = false;
    for (size_t j = i + 1; j < pending_.size() && !is_inside; ++j) {
      if (late_[pending_[j]] == kLate) {
        ir::for_each_value(f_, f_.insts[pending_[j]], [&](uint32_t operand) { is_inside = is_inside || operand == v; });
      }
    }
    if (!is_inside) {
      late_[v] = 0;
      expression(v);
      keep(v);
    }
  }
}

void FunctionWriter::push_word(ValueId v) {
  push(v);
  if (type_of(v) == ir::Type::U1) {
    code_.call(support_.from_boolean());
  }
}

void FunctionWriter::from_word(ir::Type type) {
  if (type == ir::Type::U1) {
    code_.u256(0).op(Opcode::Neq);
  }
}

void FunctionWriter::block(ir::BlockId id) {
  code_.bind(labels_[id]);
  pending_.clear();
  for (uint32_t i = f_.blocks[id].first; i < f_.blocks[id].end; ++i) {
    const Inst& in = f_.insts[i];
    if (is_constant_op(in.op) || in.op == Op::Param || in.op == Op::Result || in.op == Op::StateVariable) {
      continue;
    }
    if (late_[i] != 0) {
      if (!reads_[i].empty()) {
        pending_.push_back(i);
      }
      continue;
    }
    if (in.op == Op::BlockArg) {
      continue;  // whoever branches here has stored it
    }
    instruction(i);
  }
}

void FunctionWriter::instruction(uint32_t i) {
  const Inst& in = f_.insts[i];
  if (ir::is_terminator(in.op)) {
    terminator(i);
    return;
  }
  switch (in.op) {
    case Op::SlotSet:
      settle(in.a);
      push(in.b);
      code_.store(slot_local_[in.a]);
      return;
    case Op::CheckThat:
      push(in.a);
      panic_unless(panic_code(static_cast<ir::PanicKind>(in.c)));
      return;
    case Op::CheckIndex:
      code_.copy(0);
      push(in.a);
      push(in.b);
      code_.call(support_.check_index());
      return;
    case Op::CheckBound:
      push(in.a);
      code_.u256(in.b).op(Opcode::Lt);
      panic_unless(kIndexPanic);
      return;
    case Op::Call: call(i); return;
    case Op::DataDecode: decode(i); return;
    case Op::EmitEvent: event(in); return;
    case Op::Store:
    case Op::ElementSet:
    case Op::FixedSet:
    case Op::StateSet:
    case Op::StateClear:
    case Op::StateResize:
    case Op::StateCopy:
    case Op::ImmutableSet:
    case Op::TransientSet: expression(i); return;
    default: break;
  }
  if (in.type == ir::Type::Void) {
    refuse(i, source_words(in.op));
    return;
  }
  if (uses_[i] == 0 && (is_plain(in) || in.op == Op::SlotGet || in.op == Op::StateEntry || in.op == Op::ConstString)) {
    return;
  }
  expression(i);
  keep(i);
}

void FunctionWriter::panic_unless(uint64_t abort_code) {
  if (++panics_ > kMaxInlinePanics) {
    code_.u64(abort_code).call(support_.assert_code());
    return;
  }
  const CodeWriter::Label good = code_.label();
  code_.branch_if(good).abort(abort_code).bind(good);
}

void FunctionWriter::call(uint32_t i) {
  const Inst& in = f_.insts[i];
  code_.copy(0).copy(1);
  for (const uint32_t argument : f_.args(in)) {
    push(argument);
  }
  code_.call(program_.function(in.a));
  keep_results(i, program_.module().functions[in.a].results.size());
}

void FunctionWriter::decode(uint32_t i) {
  const Inst& in = f_.insts[i];
  const std::span<const uint32_t> types = f_.args(in);
  code_.copy(0);
  push(in.a);
  code_.call(support_.decode({types.begin(), types.end()}));
  keep_results(i, types.size());
}

/// Puts the results of instruction i, all on the stack, into the locals of their values.
void FunctionWriter::keep_results(uint32_t i, size_t results) {
  std::vector<uint32_t> value_of(results, ir::kNone);
  if (results > 0) {
    value_of[0] = i;
  }
  for (uint32_t next = i + 1; next < f_.insts.size() && f_.insts[next].op == Op::Result && f_.insts[next].a == i; ++next) {
    value_of[f_.insts[next].b] = next;
  }
  for (size_t k = results; k-- > 0;) {
    if (value_of[k] == ir::kNone) {
      code_.op(Opcode::Pop);
    } else {
      keep(value_of[k]);
    }
  }
}

void FunctionWriter::jump(ir::BlockId to, std::span<const uint32_t> arguments) {
  for (const uint32_t argument : arguments) {
    push(argument);
  }
  for (size_t k = arguments.size(); k-- > 0;) {
    const auto v = static_cast<uint32_t>(f_.blocks[to].first + k);
    is_local_to_block_[v] = 0;
    keep(v);
  }
  code_.branch(labels_[to]);
}

void FunctionWriter::terminator(uint32_t i) {
  const Inst& in = f_.insts[i];
  switch (in.op) {
    case Op::Br: jump(in.a, f_.args(in)); return;
    case Op::CondBr: {
      const uint32_t* at = f_.extra.data() + in.b;
      const ir::BlockId then_block = at[0];
      const std::span<const uint32_t> then_arguments(at + 2, at[1]);
      at += 2 + at[1];
      const std::span<const uint32_t> else_arguments(at + 2, at[1]);
      push(in.a);
      const CodeWriter::Label is_true = code_.label();
      code_.branch_if(is_true);
      jump(at[0], else_arguments);
      code_.bind(is_true);
      jump(then_block, then_arguments);
      return;
    }
    case Op::Ret:
      for (const uint32_t value : f_.args(in)) {
        push(value);
      }
      code_.op(Opcode::Ret);
      return;
    case Op::Panic: code_.abort(panic_code(static_cast<ir::PanicKind>(in.a))); return;
    case Op::Revert: revert(in); return;
    case Op::RevertData:
      push(in.a);
      code_.op(Opcode::Pop).abort(kDataCode);
      return;
    default: code_.abort(kPlainCode); return;
  }
}

void FunctionWriter::revert(const Inst& in) {
  if (in.a == ir::kNone) {
    code_.abort(kPlainCode);
    return;
  }
  const ir::ErrorType& error = program_.contract().errors[in.a];
  const std::span<const uint32_t> arguments = f_.args(in);
  if (error.name == "Error" && arguments.size() == 1 && f_.insts[arguments[0]].op == Op::ConstString) {
    code_.abort(program_.message_code(f_.strings[f_.insts[arguments[0]].a]));
    return;
  }
  code_.abort(kErrorCode + in.a);
}

}  // namespace omega::codegen::move
