// SPDX-License-Identifier: Apache-2.0
// Comparisons, and the choices made by them: into a register, or fused with the branch, check or choice that follows.
#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::scratch;
using ir::kNone;
using ir::Op;
using ir::Type;

namespace {

Condition condition_of(Op op, bool sign) {
  switch (op) {
    case Op::Eq: return Condition::equal;
    case Op::Ne: return Condition::not_equal;
    case Op::Lt: return sign ? Condition::less : Condition::below;
    case Op::Le: return sign ? Condition::less_equal : Condition::below_equal;
    case Op::Gt: return sign ? Condition::greater : Condition::above;
    default: return sign ? Condition::greater_equal : Condition::above_equal;
  }
}

}  // namespace

// ---- comparison -----------------------------------------------------------------------------------------------------

bool FunctionCompiler::can_fuse(uint32_t i) const {
  if (plan_.last_use[i] != i + 1 || plan_.variable_of[i] != kNone) {
    return false;
  }
  const ir::Inst& next = insts_[i + 1];
  switch (next.op) {
    case Op::CondBr: return next.a == i && passes_nothing(next);
    case Op::CheckThat: return next.a == i && next.b != i;
    case Op::Select: return next.a == i && next.b != i && next.c != i && !ir::is_float(next.type) && !ir::is_wide(next.type);
    case Op::Not: return next.a == i && insts_[i].op != Op::Not && can_fuse(i + 1);
    default: return false;
  }
}

/// A comparison of registers, or of one with a short constant, with the branch that follows. False when it is something else.
bool FunctionCompiler::compare_and_branch(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const ir::Inst& next = insts_[i + 1];
  const Place left = places_[in.a], right = places_[in.b];
  if (!left.is_gpr() || !(right.is_gpr() || right.where == Place::Short) || next.a != i || plan_.last_use[i] != i + 1 || plan_.variable_of[i] != kNone ||
      !passes_nothing(next)) {
    return false;
  }
  reserve_code(64);
  note_line(i, false);
  const bool sign = ir::is_signed(type(in.a));
  const auto a = static_cast<Gpr>(left.reg);
  if (right.is_gpr()) {
    e_.alu(Alu::cmp, Width::w64, a, static_cast<Gpr>(right.reg));
  } else if (right.at == 0 && (in.op <= Op::Ne || sign)) {
    e_.test(Width::w64, a, a);
  } else {
    e_.alu_imm(Alu::cmp, Width::w64, a, right.at);
  }
  release(in.a, i);
  release(in.b, i);
  branch_if(condition_of(in.op, sign), next);
  return true;
}

Condition FunctionCompiler::compare_integers(uint32_t compare) {
  const ir::Inst& in = insts_[compare];
  const bool sign = ir::is_signed(type(in.a));
  Condition condition = condition_of(in.op, sign);
  uint32_t a = in.a, b = in.b;
  if (is_const(a) && !is_const(b)) {
    std::swap(a, b);
    condition = swapped(condition);
  }
  const Operand left = operand(a);
  const Operand right = operand(b);
  if (left.kind == Operand::InMemory && right.is_imm32()) {
    e_.alu_imm(Alu::cmp, Width::w64, left.memory, static_cast<int32_t>(right.value));
  } else {
    const Gpr l = gpr(a);
    if (right.is_imm32()) {
      if (right.value == 0 && (in.op == Op::Eq || in.op == Op::Ne || sign)) {
        e_.test(Width::w64, l, l);
      } else {
        e_.alu_imm(Alu::cmp, Width::w64, l, static_cast<int32_t>(right.value));
      }
    } else if (right.kind == Operand::InMemory) {
      e_.alu(Alu::cmp, Width::w64, l, right.memory);
    } else {
      e_.alu(Alu::cmp, Width::w64, l, gpr(b));
    }
  }
  release(in.a, compare);
  release(in.b, compare);
  return condition;
}

void FunctionCompiler::compare(uint32_t i) {
  const ir::Inst& in = insts_[i];
  if (can_fuse(i) && !(ir::is_float(type(in.a)) && consumer(i) == Op::Select)) {
    places_[i] = {Place::Fused, 0, 0};
    return;
  }
  if (ir::is_float(type(in.a))) {
    const FloatCondition c = compare_floats(i);
    const Gpr to = begin_result(i, kNone, 0);
    e_.setcc(c.condition, to);
    if (c.and_not_parity || c.or_parity) {
      e_.setcc(c.and_not_parity ? Condition::no_parity : Condition::parity, scratch);
      e_.alu(c.and_not_parity ? Alu::and_ : Alu::or_, Width::w8, to, scratch);
    }
    e_.extend(false, Width::w8, to, to);
    end_result(i, to);
    return;
  }
  const Condition condition = compare_integers(i);
  const Gpr to = begin_result(i, kNone, 0);
  e_.setcc(condition, to);
  e_.extend(false, Width::w8, to, to);
  end_result(i, to);
}

// ---- choice ---------------------------------------------------------------------------------------------------------

void FunctionCompiler::select(uint32_t i) {
  const ir::Inst& in = insts_[i];
  if (in.type == Type::Ref || ir::is_integer(in.type)) {
    // cmov keeps flags only if nothing else is computed between: bring both sides into registers first.
    const Operand b = operand(in.b);
    load_into(scratch, b);
    const Gpr c = gpr(in.c);
    Condition condition = Condition::not_equal;
    const bool fused = places_[in.a].where == Place::Fused;
    if (fused) {
      uint32_t compare = in.a;
      const bool inverted = insts_[compare].op == Op::Not;
      if (inverted) {
        compare = insts_[compare].a;
      }
      const bool is_compare = insts_[compare].op >= Op::Eq && insts_[compare].op <= Op::Ge && places_[compare].where == Place::Fused;
      if (is_compare) {
        condition = compare_integers(compare);
      } else {
        const Gpr flag = gpr(compare);
        e_.test(Width::w32, flag, flag);
        release(compare, i);
      }
      if (inverted) {
        condition = inverse(condition);
      }
    } else {
      const Gpr flag = gpr(in.a);
      e_.test(Width::w32, flag, flag);
    }
    const uint32_t v = target_variable(i);
    if (v != kNone) {
      pending_store_ = v;
      e_.cmov(inverse(condition), scratch, c);
      end_result(i, scratch);
    } else {
      e_.cmov(inverse(condition), scratch, c);
      // Nothing of what was read is needed any more: its registers may be all there are.
      release(in.a, i);
      release(in.b, i);
      release(in.c, i);
      finish_instruction();
      const Gpr to = allocate();
      own(i, to);
      e_.mov(Width::w64, to, scratch);
    }
    release(in.a, i);
    release(in.b, i);
    release(in.c, i);
  }
}

void FunctionCompiler::minimum_maximum(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const bool sign = ir::is_signed(in.type);
  const Gpr b = gpr(in.b);
  const Operand a = operand(in.a);
  const Gpr to = begin_result(i, in.a, bit(b));
  load_into(to, a);
  e_.alu(Alu::cmp, Width::w64, b, to);
  const bool smaller = in.op == Op::Min;
  e_.cmov(smaller ? (sign ? Condition::less : Condition::below) : (sign ? Condition::greater : Condition::above), to, b);
  end_result(i, to);
  release(in.a, i);
  release(in.b, i);
}

}  // namespace omega::codegen::native
