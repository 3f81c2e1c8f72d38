// SPDX-License-Identifier: Apache-2.0
// Integers of 65 to 256 bits: four limbs in the frame. Sums, logic and comparisons stand in the code; the rest calls the runtime.
#include <cstring>

#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::scratch;
using ir::kNone;
using ir::Op;
using ir::Type;

namespace {

constexpr uint32_t overflow_flag = 1;  // OM_WIDE_OVERFLOW
constexpr uint32_t zero_flag = 2;      // OM_WIDE_ZERO

Mem limb(const Mem& m, int32_t k) {
  Mem at = m;
  at.displacement += 8 * k;
  return at;
}

}  // namespace

/// Where the limbs are. Constants: no base, and the offset in the constants as displacement (each use needs its relocation).
Mem FunctionCompiler::wide(uint32_t value) {
  const ir::Inst& made = insts_[value];
  if (made.op == Op::ConstWide || made.op == Op::Const) {
    uint64_t limbs[4];
    if (made.op == Op::Const) {
      const int64_t low = ir::const_value(made);
      limbs[0] = static_cast<uint64_t>(low);
      limbs[1] = limbs[2] = limbs[3] = ir::is_signed(made.type) && low < 0 ? UINT64_MAX : 0;
    } else {
      const uint32_t* words = f_->extra.data() + made.a;
      for (size_t k = 0; k < 4; ++k) {
        limbs[k] = words[2 * k] | static_cast<uint64_t>(words[2 * k + 1]) << 32;
      }
    }
    return {Gpr::none, Gpr::none, 0, static_cast<int32_t>(buffer_->quad(limbs))};
  }
  return operand(value).memory;
}

uint64_t FunctionCompiler::wide_exponent(uint32_t value) {
  const Mem m = wide(value);
  uint64_t limbs[4];
  std::memcpy(limbs, buffer_->constants.data() + m.displacement, sizeof limbs);
  return (limbs[1] | limbs[2] | limbs[3]) != 0 ? UINT64_MAX : limbs[0];
}

Mem FunctionCompiler::wide_result(uint32_t i) {
  const uint32_t v = target_variable(i);
  if (v != kNone) {
    return home(plan_.variables[v]);
  }
  places_[i] = {Place::InFrame, 0, allocate_wide()};
  return frame(places_[i].at);
}

void FunctionCompiler::limb_operation(Alu op, Gpr to, const Mem& from, int32_t k) {
  const Mem m = limb(from, k);
  e_.alu(op, Width::w64, to, m);
  if (from.base == Gpr::none) {
    relocate(RelocationKind::Constant, static_cast<uint32_t>(m.displacement));
  }
}

void FunctionCompiler::limb_load(Gpr to, const Mem& from, int32_t k) {
  const Mem m = limb(from, k);
  e_.load(Width::w64, to, m);
  if (from.base == Gpr::none) {
    relocate(RelocationKind::Constant, static_cast<uint32_t>(m.displacement));
  }
}

void FunctionCompiler::wide_address(Gpr to, uint32_t value) {
  const Mem m = wide(value);
  if (m.base == Gpr::none) {
    e_.mov_imm32(to, 0);
    relocate(RelocationKind::Constant, static_cast<uint32_t>(m.displacement));
  } else {
    e_.lea(to, m);
  }
}

void FunctionCompiler::add_address_move(Gpr to, const Mem& m) {
  Operand source;
  source.kind = m.base == Gpr::none ? Operand::ConstantAddress : Operand::FrameAddress;
  source.memory = m;
  source.value = m.displacement;
  moves_.push_back({Move::ToGpr, static_cast<uint8_t>(to), false, {}, source});
}

void FunctionCompiler::wide_load(uint32_t i, const Mem& from, Type t) {
  const Mem to = wide_result(i);
  if (ir::storage_size(t) == 32) {
    copy_wide(to, from);
    return;
  }
  const Gpr high = allocate();
  e_.load16(convention::float_scratch, from);
  e_.load(Width::w64, high, limb(from, 1));
  e_.store16(to, convention::float_scratch);
  if (ir::is_signed(t)) {
    e_.shift_imm(Shift::sar, Width::w64, high, 63);
  } else {
    e_.zero(high);
  }
  e_.store(Width::w64, limb(to, 2), high);
  e_.store(Width::w64, limb(to, 3), high);
}

void FunctionCompiler::wide_store(const Mem& to, uint32_t value) {
  const Mem from = wide(value);
  if (ir::storage_size(type(value)) == 32) {
    copy_wide(to, from);
    return;
  }
  e_.load16(convention::float_scratch, from);
  if (from.base == Gpr::none) {
    relocate(RelocationKind::Constant, static_cast<uint32_t>(from.displacement));
  }
  e_.store16(to, convention::float_scratch);
}

// ---- calls of the runtime -------------------------------------------------------------------------------------------

/// symbol(result, a [, b], type); b is wide, or an amount of shift.
void FunctionCompiler::wide_call(uint32_t i, RuntimeSymbol symbol, bool has_second) {
  const ir::Inst& in = insts_[i];
  const bool checked = (in.flags & ir::kChecked) != 0;
  const bool is_shift = in.op == Op::Shl || in.op == Op::Shr;
  const Mem a = wide(in.a);
  add_address_move(Gpr::rsi, a);
  int32_t amount_at = 0;
  if (has_second && is_shift) {
    if (ir::is_wide(type(in.b))) {
      amount_at = allocate_spill();
      saturate_to_limb(in.b, amount_at);
      moves_.push_back({Move::ToGpr, static_cast<uint8_t>(Gpr::rdx), false, {}, Operand{Operand::InMemory, 0, frame(amount_at), 0}});
    } else {
      add_move(Gpr::rdx, in.b);
    }
  } else if (has_second) {
    add_address_move(Gpr::rdx, wide(in.b));
  }
  before_call(i, false);
  const Mem result = wide_result(i);
  add_address_move(Gpr::rdi, result);
  do_moves();
  e_.mov_imm(has_second ? Gpr::rcx : Gpr::rdx, runtime_type(in.type));
  call_runtime(symbol);
  const bool can_divide_by_zero = in.op == Op::Div || in.op == Op::Mod;
  if (can_divide_by_zero) {
    e_.alu_imm(Alu::cmp, Width::w32, Gpr::rax, static_cast<int32_t>(zero_flag));
    fail_if(Condition::equal, Failure::Divide, i);
  }
  if (checked && !is_shift) {
    e_.alu_imm(Alu::cmp, Width::w32, Gpr::rax, static_cast<int32_t>(overflow_flag));
    fail_if(Condition::equal, Failure::Overflow, i);
  }
  after_call();
  if (amount_at != 0) {
    free_spill(amount_at);
  }
  release(in.a, i);
  if (has_second) {
    release(in.b, i);
  }
}

/// The value as one limb, or all ones when it has more, to the frame.
void FunctionCompiler::saturate_to_limb(uint32_t value, int32_t at) {
  const Mem m = wide(value);
  limb_load(scratch, m, 1);
  limb_operation(Alu::or_, scratch, m, 2);
  limb_operation(Alu::or_, scratch, m, 3);
  e_.alu_imm(Alu::cmp, Width::w64, scratch, 1);
  e_.alu(Alu::sbb, Width::w64, scratch, scratch);
  e_.unary(Unary::not_, Width::w64, scratch);
  limb_operation(Alu::or_, scratch, m, 0);
  e_.store(Width::w64, frame(at), scratch);
}

// ---- comparison -----------------------------------------------------------------------------------------------------

Condition FunctionCompiler::wide_condition(uint32_t compare) {
  const ir::Inst& in = insts_[compare];
  const bool sign = ir::is_signed(type(in.a));
  Condition condition = Condition::equal;
  if (in.op == Op::Eq || in.op == Op::Ne) {
    const Mem a = wide(in.a), b = wide(in.b);
    const Gpr all = allocate();
    for (int32_t k = 0; k < 4; ++k) {
      const Gpr one = k == 0 ? all : scratch;
      limb_load(one, a, k);
      limb_operation(Alu::xor_, one, b, k);
      if (k != 0) {
        e_.alu(Alu::or_, Width::w64, all, scratch);
      }
    }
    condition = in.op == Op::Eq ? Condition::equal : Condition::not_equal;
  } else {
    const bool exchanged = in.op == Op::Gt || in.op == Op::Le;
    const Mem a = wide(exchanged ? in.b : in.a), b = wide(exchanged ? in.a : in.b);
    for (int32_t k = 0; k < 4; ++k) {
      limb_load(scratch, a, k);
      limb_operation(k == 0 ? Alu::cmp : Alu::sbb, scratch, b, k);
    }
    const bool less = in.op == Op::Lt || in.op == Op::Gt;
    condition = sign ? (less ? Condition::less : Condition::greater_equal) : (less ? Condition::below : Condition::above_equal);
  }
  release(in.a, compare);
  release(in.b, compare);
  return condition;
}

void FunctionCompiler::wide_compare(uint32_t i) {
  if (can_fuse(i) && consumer(i) != Op::Select) {
    places_[i] = {Place::Fused, 0, 0};
    return;
  }
  const Condition condition = wide_condition(i);
  const Gpr to = begin_result(i, kNone, 0);
  e_.setcc(condition, to);
  e_.extend(false, Width::w8, to, to);
  end_result(i, to);
}

// ---- arithmetic -----------------------------------------------------------------------------------------------------

void FunctionCompiler::wide_limbwise(uint32_t i, Alu first, Alu rest) {
  const ir::Inst& in = insts_[i];
  const Mem a = wide(in.a), b = wide(in.b);
  const Mem to = wide_result(i);
  for (int32_t k = 0; k < 4; ++k) {
    limb_load(scratch, a, k);
    limb_operation(k == 0 ? first : rest, scratch, b, k);
    e_.store(Width::w64, limb(to, k), scratch);
  }
  if (first != rest && (in.flags & ir::kChecked) != 0) {
    fail_if(ir::is_signed(in.type) ? Condition::overflow : Condition::below, Failure::Overflow, i);
  }
  release(in.a, i);
  release(in.b, i);
}

void FunctionCompiler::wide_complement(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Mem a = wide(in.a);
  const Mem to = wide_result(i);
  const auto bits = static_cast<int32_t>(ir::bit_width(in.type));
  for (int32_t k = 0; k < 4; ++k) {
    limb_load(scratch, a, k);
    if (!ir::is_signed(in.type) && k * 64 >= bits) {
      e_.zero(scratch);
    } else {
      e_.unary(Unary::not_, Width::w64, scratch);
      if (!ir::is_signed(in.type) && bits < k * 64 + 64) {
        const auto by = static_cast<uint8_t>(k * 64 + 64 - bits);
        e_.shift_imm(Shift::shl, Width::w64, scratch, by);
        e_.shift_imm(Shift::shr, Width::w64, scratch, by);
      }
    }
    e_.store(Width::w64, limb(to, k), scratch);
  }
  release(in.a, i);
}

/// min, max, select: one of two by a condition.
void FunctionCompiler::wide_choose(uint32_t i, uint32_t b, uint32_t c, Condition b_when) {
  const Gpr from = allocate();
  wide_address(from, c);
  wide_address(scratch, b);
  e_.cmov(b_when, from, scratch);
  copy_wide(wide_result(i), {from, Gpr::none, 0, 0});
}

void FunctionCompiler::wide_absolute(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Mem a = wide(in.a);
  before_call(i, false);
  const Mem to = wide_result(i);
  const bool in_place = to.base == a.base && to.displacement == a.displacement;
  if (!in_place) {
    copy_wide(to, a);
  }
  if (ir::is_signed(in.type)) {
    e_.lea(Gpr::rdi, to);
    e_.mov(Width::w64, Gpr::rsi, Gpr::rdi);
    e_.mov_imm(Gpr::rdx, runtime_type(in.type));
    limb_load(Gpr::rax, to, 3);
    e_.test(Width::w64, Gpr::rax, Gpr::rax);
    uint8_t* positive = e_.jcc_short(Condition::not_negative);
    call_runtime(RuntimeSymbol::om_wide_neg);
    if ((in.flags & ir::kChecked) != 0) {
      e_.alu_imm(Alu::cmp, Width::w32, Gpr::rax, static_cast<int32_t>(overflow_flag));
      fail_if(Condition::equal, Failure::Overflow, i);
    }
    e_.patch_short(positive);
  }
  after_call();
  release(in.a, i);
}

void FunctionCompiler::wide_instruction(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const bool whole = ir::bit_width(in.type) == 256;
  switch (in.op) {
    case Op::Add: return whole ? wide_limbwise(i, Alu::add, Alu::adc) : wide_call(i, RuntimeSymbol::om_wide_add, true);
    case Op::Sub: return whole ? wide_limbwise(i, Alu::sub, Alu::sbb) : wide_call(i, RuntimeSymbol::om_wide_sub, true);
    case Op::Mul: return wide_call(i, RuntimeSymbol::om_wide_mul, true);
    case Op::Div: return wide_call(i, RuntimeSymbol::om_wide_div, true);
    case Op::Mod: return wide_call(i, RuntimeSymbol::om_wide_mod, true);
    case Op::Pow: return wide_power(i);
    case Op::Neg: return wide_call(i, RuntimeSymbol::om_wide_neg, false);
    case Op::Shl: return wide_call(i, RuntimeSymbol::om_wide_shl, true);
    case Op::Shr: return wide_call(i, RuntimeSymbol::om_wide_shr, true);
    case Op::And: return wide_limbwise(i, Alu::and_, Alu::and_);
    case Op::Or: return wide_limbwise(i, Alu::or_, Alu::or_);
    case Op::Xor: return wide_limbwise(i, Alu::xor_, Alu::xor_);
    case Op::Not: return wide_complement(i);
    case Op::Abs: return wide_absolute(i);
    case Op::Min:
    case Op::Max: {
      const Mem a = wide(in.a), b = wide(in.b);
      for (int32_t k = 0; k < 4; ++k) {
        limb_load(scratch, a, k);
        limb_operation(k == 0 ? Alu::cmp : Alu::sbb, scratch, b, k);
      }
      const bool sign = ir::is_signed(in.type);
      const Condition a_less = sign ? Condition::less : Condition::below;
      wide_choose(i, in.a, in.b, in.op == Op::Min ? a_less : inverse(a_less));
      release(in.a, i);
      release(in.b, i);
      return;
    }
    case Op::Select: {
      const Gpr condition = gpr(in.a);
      e_.test(Width::w32, condition, condition);
      wide_choose(i, in.b, in.c, Condition::not_equal);
      release(in.a, i);
      release(in.b, i);
      release(in.c, i);
      return;
    }
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::Gt:
    case Op::Ge: return wide_compare(i);
    case Op::Cast:
    case Op::Bitcast: return wide_cast(i);
    default: unsupported(i);
  }
}

void FunctionCompiler::wide_power(uint32_t i) {
  const ir::Inst& in = insts_[i];
  if (ir::is_wide(type(in.b))) {
    return wide_call(i, RuntimeSymbol::om_wide_pow, true);
  }
  // A narrow exponent is taken as unsigned.
  const int32_t at = allocate_wide();
  zero_memory(frame(at), 32);
  load_into(scratch, in.b);
  e_.store(Width::w64, frame(at), scratch);
  add_address_move(Gpr::rsi, wide(in.a));
  add_address_move(Gpr::rdx, frame(at));
  before_call(i, false);
  add_address_move(Gpr::rdi, wide_result(i));
  do_moves();
  e_.mov_imm(Gpr::rcx, runtime_type(in.type));
  call_runtime(RuntimeSymbol::om_wide_pow);
  if ((in.flags & ir::kChecked) != 0) {
    e_.alu_imm(Alu::cmp, Width::w32, Gpr::rax, static_cast<int32_t>(overflow_flag));
    fail_if(Condition::equal, Failure::Overflow, i);
  }
  after_call();
  wides_.push_back(at);
  release(in.a, i);
  release(in.b, i);
}

// ---- conversion -----------------------------------------------------------------------------------------------------

void FunctionCompiler::wide_cast(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Type from = type(in.a), to = in.type;
  const bool checked = (in.flags & ir::kChecked) != 0;
  const uint32_t from_bits = ir::bit_width(from), to_bits = ir::bit_width(to);
  const bool from_signed = ir::is_signed(from), to_signed = ir::is_signed(to);
  if (ir::is_float(to)) {
    add_address_move(Gpr::rdi, wide(in.a));
    before_call(i, false);
    do_moves();
    e_.mov_imm(Gpr::rsi, runtime_type(from));
    call_runtime(RuntimeSymbol::om_wide_to_f64);
    if (to == Type::F32) {
      e_.float_to_float(false, Xmm::xmm0, Xmm::xmm0);
    }
    release(in.a, i);
    return take_results(i);
  }
  if (ir::is_float(from)) {
    add_move(Xmm::xmm0, in.a);
    before_call(i, false);
    add_address_move(Gpr::rdi, wide_result(i));
    do_moves();
    if (from == Type::F32) {
      e_.float_to_float(true, Xmm::xmm0, Xmm::xmm0);
    }
    e_.mov_imm(Gpr::rsi, runtime_type(to));
    call_runtime(RuntimeSymbol::om_wide_from_f64);
    e_.test(Width::w32, Gpr::rax, Gpr::rax);
    fail_if(Condition::not_equal, Failure::Cast, i);
    after_call();
    release(in.a, i);
    return;
  }
  if (!ir::is_wide(to)) {
    const Mem a = wide(in.a);
    const Gpr result = allocate();
    limb_load(scratch, a, 0);
    canonicalize(result, scratch, to);
    if (checked) {
      // Every higher limb must be what the result's extension says, and an unsigned source must not turn negative.
      const Gpr rest = allocate();
      const Gpr fill = allocate();
      e_.mov(Width::w64, rest, scratch);
      e_.alu(Alu::xor_, Width::w64, rest, result);
      if (to_signed && from_signed) {
        e_.mov(Width::w64, fill, result);
        e_.shift_imm(Shift::sar, Width::w64, fill, 63);
      } else {
        e_.zero(fill);
      }
      for (int32_t k = 1; k < 4; ++k) {
        limb_load(scratch, a, k);
        e_.alu(Alu::xor_, Width::w64, scratch, fill);
        e_.alu(Alu::or_, Width::w64, rest, scratch);
      }
      e_.test(Width::w64, rest, rest);
      fail_if(Condition::not_equal, Failure::Cast, i);
      if (to_signed && !from_signed) {
        e_.test(Width::w64, result, result);
        fail_if(Condition::negative, Failure::Cast, i);
      }
    }
    release(in.a, i);
    result_in(i, result);
    return;
  }
  const bool fits = from_signed == to_signed ? from_bits <= to_bits : to_signed && from_bits < to_bits;
  const bool same_extension = fits || (!checked && to_bits == 256) || (in.op == Op::Bitcast && to_bits == 256);
  if (ir::is_wide(from)) {
    if (same_extension) {
      const Mem a = wide(in.a);
      copy_wide(wide_result(i), a);
      release(in.a, i);
      return;
    }
    add_address_move(Gpr::rsi, wide(in.a));
    before_call(i, false);
    add_address_move(Gpr::rdi, wide_result(i));
    do_moves();
    e_.mov_imm(Gpr::rdx, runtime_type(from));
    e_.mov_imm(Gpr::rcx, runtime_type(to));
    call_runtime(RuntimeSymbol::om_wide_convert);
    if (checked) {
      e_.test(Width::w32, Gpr::rax, Gpr::rax);
      fail_if(Condition::not_equal, Failure::Cast, i);
    }
    after_call();
    release(in.a, i);
    return;
  }
  // Narrow to wide: only a negative value going to an unsigned type does not fit.
  load_into(scratch, in.a);
  if (!fits && checked) {
    e_.test(Width::w64, scratch, scratch);
    fail_if(Condition::negative, Failure::Cast, i);
  }
  const Mem result = wide_result(i);
  e_.store(Width::w64, result, scratch);
  if (from_signed) {
    e_.shift_imm(Shift::sar, Width::w64, scratch, 63);
  } else {
    e_.zero(scratch);
  }
  for (int32_t k = 1; k < 4; ++k) {
    if (!to_signed && k * 64 < static_cast<int32_t>(to_bits) && static_cast<int32_t>(to_bits) < k * 64 + 64) {
      e_.store(Width::w64, limb(result, k), scratch);
      const auto by = static_cast<uint8_t>(k * 64 + 64 - static_cast<int32_t>(to_bits));
      const Gpr part = allocate();
      e_.mov(Width::w64, part, scratch);
      e_.shift_imm(Shift::shl, Width::w64, part, by);
      e_.shift_imm(Shift::shr, Width::w64, part, by);
      e_.store(Width::w64, limb(result, k), part);
    } else if (!to_signed && k * 64 >= static_cast<int32_t>(to_bits)) {
      e_.store_imm(Width::w64, limb(result, k), 0);
    } else {
      e_.store(Width::w64, limb(result, k), scratch);
    }
  }
  release(in.a, i);
}

}  // namespace omega::codegen::native
