// SPDX-License-Identifier: Apache-2.0
// Integers of up to 64 bits, kept extended to the register by their sign.
#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::scratch;
using ir::kNone;
using ir::Op;
using ir::Type;

namespace {

/// The width whose flags tell this type's overflow, or 64 bits when the processor has none of that width.
Width native_width(Type t) {
  switch (ir::bit_width(t)) {
    case 8: return Width::w8;
    case 16: return Width::w16;
    case 32: return Width::w32;
    default: return Width::w64;
  }
}

bool has_native_width(Type t) {
  const uint32_t bits = ir::bit_width(t);
  return bits == 8 || bits == 16 || bits == 32 || bits == 64;
}

Condition overflow_of(Type t) { return ir::is_signed(t) ? Condition::overflow : Condition::below; }

}  // namespace

// ---- extension ------------------------------------------------------------------------------------------------------

void FunctionCompiler::canonicalize(Gpr to, Gpr from, Type t) {
  const uint32_t bits = ir::bit_width(t);
  const bool sign = ir::is_signed(t);
  switch (bits) {
    case 64:
      if (to != from) {
        e_.mov(Width::w64, to, from);
      }
      return;
    case 32: return e_.extend(sign, Width::w32, to, from);
    case 16: return e_.extend(sign, Width::w16, to, from);
    case 8: return e_.extend(sign, Width::w8, to, from);
    default: break;
  }
  if (to != from) {
    e_.mov(Width::w64, to, from);
  }
  if (!sign && bits < 32) {
    e_.alu_imm(Alu::and_, Width::w32, to, static_cast<int32_t>((1u << bits) - 1));
    return;
  }
  const auto by = static_cast<uint8_t>(64 - bits);
  e_.shift_imm(Shift::shl, Width::w64, to, by);
  e_.shift_imm(sign ? Shift::sar : Shift::shr, Width::w64, to, by);
}

void FunctionCompiler::canonicalize(Gpr r, Type t) {
  if (ir::bit_width(t) != 64) {
    canonicalize(r, r, t);
  }
}

void FunctionCompiler::check_range(Gpr r, Type t, Failure failure, uint32_t i) {
  const uint32_t bits = ir::bit_width(t);
  if (bits == 64) {
    return;
  }
  if (!ir::is_signed(t)) {
    e_.mov(Width::w64, scratch, r);
    e_.shift_imm(Shift::shr, Width::w64, scratch, static_cast<uint8_t>(bits));
    fail_if(Condition::not_equal, failure, i);
    return;
  }
  canonicalize(scratch, r, t);
  e_.alu(Alu::cmp, Width::w64, scratch, r);
  fail_if(Condition::not_equal, failure, i);
}

// ---- add, sub, and, or, xor -----------------------------------------------------------------------------------------

bool FunctionCompiler::arithmetic_in_memory(uint32_t i, Alu op) {
  const ir::Inst& in = insts_[i];
  const ir::Inst& next = insts_[i + 1];
  if (next.op != Op::SlotSet || next.b != i || ir::bit_width(in.type) != 64 || plan_.variable_of[i] != kNone || plan_.last_use[i] != i + 1 ||
      !places_[in.a].is_variable(next.a)) {
    return false;
  }
  const Variable& v = plan_.variables[next.a];
  if (v.home != Home::Frame || aliases_outlive(next.a, i)) {
    return false;
  }
  const Operand b = operand(in.b);
  if (b.kind == Operand::InGpr) {
    e_.alu(op, Width::w64, home(v), b.gpr());
  } else if (b.is_imm32()) {
    e_.alu_imm(op, Width::w64, home(v), static_cast<int32_t>(b.value));
  } else {
    return false;
  }
  places_[i] = place_of(next.a);
  if ((in.flags & ir::kChecked) != 0 && (op == Alu::add || op == Alu::sub)) {
    fail_if(overflow_of(in.type), Failure::Overflow, i);
  }
  release(in.b, i);
  return true;
}

/// The common case at once: 64 bits, both operands in registers or the right one a short constant, the result in a register. False when it is another.
bool FunctionCompiler::arithmetic_in_registers(uint32_t i) {
  const ir::Inst& in = insts_[i];
  uint32_t a = in.a;
  Place left = places_[in.a], right = places_[in.b];
  const bool commutes = in.op != Op::Sub;
  if (commutes && !left.is_gpr()) {
    std::swap(left, right);
    a = in.b;
  }
  const bool by_register = right.is_gpr();
  if (!left.is_gpr() || !(by_register || right.where == Place::Short)) {
    return false;
  }
  const bool wraps = in.op <= Op::Mul;
  const bool checked = wraps && (in.flags & ir::kChecked) != 0;
  const bool multiplies = in.op == Op::Mul;
  if (multiplies && (checked ? in.type == Type::U64 : !by_register)) {
    return false;
  }
  const auto dying = [&](uint32_t v, const Place& place) {
    return place.where == Place::InGpr && plan_.last_use[v] <= i && (plan_.temporaries >> place.reg & 1) != 0 && owner_[place.reg] == v;
  };
  uint8_t to;
  const uint32_t target = target_of(i);
  if (target != kNone) {
    const Variable& variable = plan_.variables[target];
    if (variable.home != Home::Gpr) {
      return false;
    }
    to = variable.reg;
    if (by_register && right.reg == to && left.reg != to) {
      if (!commutes) {
        return false;
      }
      std::swap(left, right);
    }
    places_[i] = {Place::GprVariable, to, static_cast<int32_t>(target)};
  } else {
    if (plan_.last_use[i] == 0) {
      return false;
    }
    if (dying(a, left)) {
      to = left.reg;
    } else if (commutes && by_register && dying(a == in.a ? in.b : in.a, right)) {
      to = right.reg;
      std::swap(left, right);
    } else if (free_ != 0) {
      // A dividend would have to leave rax again.
      const Op after = insts_[i + 1].op == Op::Const ? insts_[i + 2].op : insts_[i + 1].op;
      const bool is_divided = after == Op::Div || after == Op::Mod;
      const RegisterSet others = is_divided ? free_ & ~(bit(Gpr::rax) | bit(Gpr::rdx)) : free_;
      to = static_cast<uint8_t>(std::countr_zero(others != 0 ? others : free_));
    } else {
      return false;
    }
    free_ &= ~(1u << to);
    owner_[to] = i;
    places_[i] = {Place::InGpr, to, 0};
  }
  reserve_code(64);
  note_line(i, false);
  const auto result = static_cast<Gpr>(to), from = static_cast<Gpr>(left.reg), by = static_cast<Gpr>(right.reg);
  if (multiplies && !by_register) {
    e_.imul_imm(Width::w64, result, from, right.at);
  } else if (in.op == Op::Add && !checked && result != from) {
    e_.lea(result, by_register ? Mem{from, by, 0, 0} : Mem{from, Gpr::none, 0, right.at});
  } else {
    if (result != from) {
      e_.mov(Width::w64, result, from);
    }
    if (multiplies) {
      e_.imul(Width::w64, result, by);
    } else {
      const Alu op = in.op == Op::Add ? Alu::add : in.op == Op::Sub ? Alu::sub : in.op == Op::And ? Alu::and_ : in.op == Op::Or ? Alu::or_ : Alu::xor_;
      if (by_register) {
        e_.alu(op, Width::w64, result, by);
      } else {
        e_.alu_imm(op, Width::w64, result, right.at);
      }
    }
  }
  if (checked) {
    fail_if(overflow_of(in.type), Failure::Overflow, i);
  }
  release(in.a, i);
  release(in.b, i);
  return true;
}

void FunctionCompiler::arithmetic(uint32_t i, Alu op) {
  const ir::Inst& in = insts_[i];
  uint32_t a = in.a, b = in.b;
  const bool commutes = op != Alu::sub;
  if (commutes && (is_const(a) || (register_of(a) == 0 && register_of(b) != 0))) {
    std::swap(a, b);
  }
  if (arithmetic_in_memory(i, op)) {
    return;
  }
  const bool wraps = op == Alu::add || op == Alu::sub;
  const bool checked = wraps && (in.flags & ir::kChecked) != 0;
  const Width w = !wraps ? Width::w64 : checked ? native_width(in.type) : ir::bit_width(in.type) <= 32 ? Width::w32 : Width::w64;
  Operand right = operand(b);
  if (right.kind != Operand::InGpr && right.kind != Operand::InMemory && !right.is_imm32()) {
    load_into(scratch, right);
    right = {Operand::InGpr, static_cast<uint8_t>(scratch), {}, 0};
  }
  Operand left = operand(a);
  RegisterSet late = right.kind == Operand::InGpr ? 1u << right.reg : 0;
  if (commutes && right.kind == Operand::InGpr && left.kind == Operand::InGpr && left.reg != right.reg) {
    // Work in place where the result belongs, whichever side is there.
    const uint32_t v = plan_.variable_of[i] != kNone ? plan_.variable_of[i] : insts_[i + 1].op == Op::SlotSet && insts_[i + 1].b == i ? insts_[i + 1].a : kNone;
    const bool to_right = v != kNone ? plan_.variables[v].home == Home::Gpr && plan_.variables[v].reg == right.reg
                                     : !dies(a, i) && dies(b, i) && places_[b].where == Place::InGpr;
    if (to_right) {
      std::swap(a, b);
      std::swap(left, right);
      late = 1u << right.reg;
    }
  }
  if (late != 0 && left.kind == Operand::InGpr && left.reg == right.reg) {
    late = 0;  // x op x in place is fine
  }
  const Gpr to = begin_result(i, a, late);
  if (op == Alu::add && !checked && w == Width::w64 && left.kind == Operand::InGpr && left.gpr() != to && (right.kind == Operand::InGpr || right.is_imm32())) {
    if (right.kind == Operand::InGpr) {
      e_.lea(to, {left.gpr(), right.gpr(), 0, 0});
    } else {
      e_.lea(to, {left.gpr(), Gpr::none, 0, static_cast<int32_t>(right.value)});
    }
  } else {
    load_into(to, left);
    if (right.kind == Operand::InGpr) {
      e_.alu(op, w, to, right.gpr());
    } else if (right.kind == Operand::InMemory) {
      e_.alu(op, w, to, right.memory);
    } else {
      e_.alu_imm(op, w, to, static_cast<int32_t>(right.value));
    }
  }
  if (checked) {
    if (has_native_width(in.type)) {
      fail_if(overflow_of(in.type), Failure::Overflow, i);
      if (w != Width::w64 && !(w == Width::w32 && !ir::is_signed(in.type))) {
        canonicalize(to, in.type);
      }
    } else {
      check_range(to, in.type, Failure::Overflow, i);
    }
  } else if (wraps && !(w == Width::w32 && in.type == ir::unsigned_type(32))) {
    canonicalize(to, in.type);
  }
  end_result(i, to);
  release(in.a, i);
  release(in.b, i);
}

// ---- multiplication -------------------------------------------------------------------------------------------------

void FunctionCompiler::multiply_unsigned64(uint32_t i) {
  const ir::Inst& in = insts_[i];
  claim(Gpr::rax);
  claim(Gpr::rdx);
  load_into(Gpr::rax, in.a);
  const Operand b = operand(in.b);
  if (b.kind == Operand::InMemory) {
    e_.unary(Unary::mul, Width::w64, b.memory);
  } else if (b.kind == Operand::InGpr) {
    e_.unary(Unary::mul, Width::w64, b.gpr());
  } else {
    load_into(scratch, b);
    e_.unary(Unary::mul, Width::w64, scratch);
  }
  fail_if(Condition::overflow, Failure::Overflow, i);
  if (ir::bit_width(in.type) != 64) {
    check_range(Gpr::rax, in.type, Failure::Overflow, i);
  }
  release(in.a, i);
  release(in.b, i);
  result_in(i, Gpr::rax);
}

void FunctionCompiler::multiply(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const bool checked = (in.flags & ir::kChecked) != 0;
  const uint32_t bits = ir::bit_width(in.type);
  const bool sign = ir::is_signed(in.type);
  if (checked && !sign && bits > 32) {
    multiply_unsigned64(i);
    return;
  }
  uint32_t a = in.a, b = in.b;
  if (is_const(a) || (register_of(a) == 0 && register_of(b) != 0)) {
    std::swap(a, b);
  }
  // Products of at most 32 bits are exact in 64 when checked; signed 64 and odd widths above 32 use the overflow flag.
  const Width w = checked && in.type == ir::signed_type(32) ? Width::w32 : !checked && bits <= 32 ? Width::w32 : Width::w64;
  Operand right = operand(b);
  if (right.kind != Operand::InGpr && right.kind != Operand::InMemory && !right.is_imm32()) {
    load_into(scratch, right);
    right = {Operand::InGpr, static_cast<uint8_t>(scratch), {}, 0};
  }
  const Operand left = operand(a);
  RegisterSet late = right.kind == Operand::InGpr && !(left.kind == Operand::InGpr && left.reg == right.reg) ? 1u << right.reg : 0;
  const Gpr to = begin_result(i, a, late);
  if (right.kind == Operand::Immediate) {
    Gpr from = to;
    if (left.kind == Operand::InGpr) {
      from = left.gpr();
    } else {
      load_into(to, left);
    }
    const auto value = static_cast<uint64_t>(right.value);
    if (!checked && right.value > 0 && std::has_single_bit(value)) {
      load_into(to, from == to ? Operand{Operand::InGpr, static_cast<uint8_t>(to), {}, 0} : left);
      if (value != 1) {
        e_.shift_imm(Shift::shl, w, to, static_cast<uint8_t>(std::countr_zero(value)));
      }
    } else {
      e_.imul_imm(w, to, from, static_cast<int32_t>(right.value));
    }
  } else {
    load_into(to, left);
    if (right.kind == Operand::InMemory) {
      e_.imul(w, to, right.memory);
    } else {
      e_.imul(w, to, right.gpr());
    }
  }
  if (!checked) {
    if (!(w == Width::w32 && in.type == ir::unsigned_type(32))) {
      canonicalize(to, in.type);
    }
  } else if (bits == 64 || in.type == ir::signed_type(32)) {
    fail_if(Condition::overflow, Failure::Overflow, i);
    canonicalize(to, in.type);
  } else {
    if (bits > 32) {
      fail_if(Condition::overflow, Failure::Overflow, i);
    }
    check_range(to, in.type, Failure::Overflow, i);
  }
  end_result(i, to);
  release(in.a, i);
  release(in.b, i);
}

void FunctionCompiler::power(uint32_t i) { call_instruction(i); }

// ---- one operand ----------------------------------------------------------------------------------------------------

void FunctionCompiler::negate(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const bool checked = (in.flags & ir::kChecked) != 0;
  const Operand a = operand(in.a);
  const Gpr to = begin_result(i, in.a, 0);
  load_into(to, a);
  e_.unary(Unary::neg, Width::w64, to);
  if (checked && !ir::is_signed(in.type)) {
    fail_if(Condition::below, Failure::Overflow, i);
  } else if (checked && ir::bit_width(in.type) == 64) {
    fail_if(Condition::overflow, Failure::Overflow, i);
  } else if (checked) {
    check_range(to, in.type, Failure::Overflow, i);
  } else {
    canonicalize(to, in.type);
  }
  end_result(i, to);
  release(in.a, i);
}

void FunctionCompiler::absolute(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const bool checked = (in.flags & ir::kChecked) != 0;
  const Operand a = operand(in.a);
  load_into(scratch, a);
  const Gpr to = begin_result(i, in.a, 0);
  e_.mov(Width::w64, to, scratch);
  if (ir::is_signed(in.type)) {
    e_.unary(Unary::neg, Width::w64, to);
    if (checked && ir::bit_width(in.type) == 64) {
      fail_if(Condition::overflow, Failure::Overflow, i);
    }
    e_.cmov(Condition::negative, to, scratch);
    if (checked) {
      check_range(to, in.type, Failure::Overflow, i);
    } else {
      canonicalize(to, in.type);
    }
  }
  end_result(i, to);
  release(in.a, i);
}

void FunctionCompiler::complement(uint32_t i) {
  const ir::Inst& in = insts_[i];
  if (in.type == Type::U1 && can_fuse(i)) {
    places_[i] = {Place::Fused, 0, 0};
    return;
  }
  if (in.type == Type::U1) {
    const Gpr value = gpr(in.a);
    const Gpr to = begin_result(i, in.a, 0);
    load_into(to, Operand{Operand::InGpr, static_cast<uint8_t>(value), {}, 0});
    e_.alu_imm(Alu::xor_, Width::w32, to, 1);
    end_result(i, to);
    release(in.a, i);
    return;
  }
  const Operand a = operand(in.a);
  const Gpr to = begin_result(i, in.a, 0);
  load_into(to, a);
  e_.unary(Unary::not_, Width::w64, to);
  if (!ir::is_signed(in.type)) {
    canonicalize(to, in.type);
  }
  end_result(i, to);
  release(in.a, i);
}

// ---- shifts ---------------------------------------------------------------------------------------------------------

void FunctionCompiler::shift_by_constant(uint32_t i, uint64_t by) {
  const ir::Inst& in = insts_[i];
  const uint32_t bits = ir::bit_width(in.type);
  const Operand a = operand(in.a);
  const Gpr to = begin_result(i, in.a, 0);
  if (by >= bits && !(in.op == Op::Shr && ir::is_signed(in.type))) {
    e_.zero(to);
  } else {
    load_into(to, a);
    const auto amount = static_cast<uint8_t>(by > 63 ? 63 : by);
    if (amount != 0) {
      e_.shift_imm(in.op == Op::Shl ? Shift::shl : ir::is_signed(in.type) ? Shift::sar : Shift::shr, Width::w64, to, amount);
    }
    if (in.op == Op::Shl) {
      canonicalize(to, in.type);
    }
  }
  end_result(i, to);
  release(in.a, i);
  release(in.b, i);
}

void FunctionCompiler::shift(uint32_t i) {
  const ir::Inst& in = insts_[i];
  if (is_const(in.b)) {
    shift_by_constant(i, static_cast<uint64_t>(ir::const_value(insts_[in.b])));
    return;
  }
  const bool arithmetic_right = in.op == Op::Shr && ir::is_signed(in.type);
  claim(Gpr::rcx);
  if (ir::is_wide(type(in.b))) {
    // An amount above 64 bits counts as 255.
    Mem limb = wide(in.b);
    const Gpr high = allocate();
    for (int32_t k = 1; k < 4; ++k) {
      limb.displacement += 8;
      if (k == 1) {
        e_.load(Width::w64, high, limb);
      } else {
        e_.alu(Alu::or_, Width::w64, high, limb);
      }
    }
    limb.displacement -= 24;
    e_.load(Width::w64, Gpr::rcx, limb);
    e_.mov_imm(scratch, 255);
    e_.test(Width::w64, high, high);
    e_.cmov(Condition::not_equal, Gpr::rcx, scratch);
  } else {
    load_into(Gpr::rcx, in.b);
  }
  const Operand a = operand(in.a);
  if (arithmetic_right) {
    e_.mov_imm(scratch, 63);
    e_.alu(Alu::cmp, Width::w64, Gpr::rcx, scratch);
    e_.cmov(Condition::above, Gpr::rcx, scratch);
  }
  const Gpr to = begin_result(i, in.a, bit(Gpr::rcx));
  load_into(to, a);
  e_.shift_cl(in.op == Op::Shl ? Shift::shl : arithmetic_right ? Shift::sar : Shift::shr, Width::w64, to);
  if (!arithmetic_right) {
    // All ones where the amount is below 64.
    e_.alu_imm(Alu::cmp, Width::w64, Gpr::rcx, 64);
    e_.alu(Alu::sbb, Width::w64, scratch, scratch);
    e_.alu(Alu::and_, Width::w64, to, scratch);
  }
  if (in.op == Op::Shl) {
    canonicalize(to, in.type);
  }
  end_result(i, to);
  release(in.a, i);
  release(in.b, i);
}

}  // namespace omega::codegen::native
