// SPDX-License-Identifier: Apache-2.0
// Conversions between types that fit a register.
#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::float_scratch;
using convention::scratch;
using ir::kNone;
using ir::Type;

namespace {

/// Whether every value of `from` is one of `to`.
bool always_fits(Type from, Type to) {
  const uint32_t a = ir::bit_width(from), b = ir::bit_width(to);
  if (ir::is_signed(from) == ir::is_signed(to)) {
    return a <= b;
  }
  return ir::is_signed(to) && a < b;
}

}  // namespace

void FunctionCompiler::cast(uint32_t i) {
  const Type from = type(insts_[i].a);
  const Type to = insts_[i].type;
  if (ir::is_float(to)) {
    cast_to_float(i, from, to);
  } else if (ir::is_float(from)) {
    cast_from_float(i, from, to);
  } else {
    cast_integer(i, from, to);
  }
}

void FunctionCompiler::cast_integer(uint32_t i, Type from, Type to) {
  const ir::Inst& in = insts_[i];
  const bool checked = (in.flags & ir::kChecked) != 0;
  const bool fits = always_fits(from, to);
  const Operand a = operand(in.a);
  const Gpr r = begin_result(i, in.a, 0);
  load_into(r, a);
  if (fits) {
    end_result(i, r);
    release(in.a, i);
    return;
  }
  if (!checked) {
    canonicalize(r, to);
  } else if (ir::bit_width(to) == 64) {
    // Only the sign can be in the way: u64 to s64 or signed to u64.
    e_.test(Width::w64, r, r);
    fail_if(Condition::negative, Failure::Cast, i);
  } else if (ir::is_signed(to) && !ir::is_signed(from)) {
    e_.mov(Width::w64, scratch, r);
    e_.shift_imm(Shift::shr, Width::w64, scratch, static_cast<uint8_t>(ir::bit_width(to) - 1));
    fail_if(Condition::not_equal, Failure::Cast, i);
  } else {
    check_range(r, to, Failure::Cast, i);
  }
  end_result(i, r);
  release(in.a, i);
}

void FunctionCompiler::cast_to_float(uint32_t i, Type from, Type to) {
  const ir::Inst& in = insts_[i];
  const bool wide = to == Type::F64;
  if (ir::is_float(from)) {
    const Xmm a = xmm(in.a);
    const Xmm r = begin_float_result(i, in.a, 0);
    if (from == to) {
      if (r != a) {
        e_.fmov(r, a);
      }
    } else {
      e_.float_to_float(wide, r, a);
    }
    end_float_result(i, r);
    release(in.a, i);
    return;
  }
  const Gpr a = gpr(in.a);
  const Xmm r = begin_float_result(i, kNone, 0);
  e_.fp_bits(Fp::xor_, r, r);
  if (from == Type::U64) {
    // Above 2^63 convert half of the value, with the lost bit kept for rounding, and double it. Registers are taken before the paths part: what
    // makes room for one must happen on both.
    const Gpr low = allocate();
    e_.test(Width::w64, a, a);
    uint8_t* large = e_.jcc_short(Condition::negative);
    e_.int_to_float(wide, Width::w64, r, a);
    uint8_t* end = e_.jmp_short();
    e_.patch_short(large);
    e_.mov(Width::w64, scratch, a);
    e_.mov(Width::w64, low, a);
    e_.shift_imm(Shift::shr, Width::w64, scratch, 1);
    e_.alu_imm(Alu::and_, Width::w32, low, 1);
    e_.alu(Alu::or_, Width::w64, scratch, low);
    e_.int_to_float(wide, Width::w64, r, scratch);
    e_.fp(Fp::add, wide, r, r);
    e_.patch_short(end);
  } else {
    e_.int_to_float(wide, Width::w64, r, a);
  }
  end_float_result(i, r);
  release(in.a, i);
}

void FunctionCompiler::cast_from_float(uint32_t i, Type from, Type to) {
  const ir::Inst& in = insts_[i];
  const Xmm a = xmm(in.a);
  const bool wide = from == Type::F64;
  if (to == Type::U64) {
    // Below 2^63 as signed; from there on less 2^63.
    const Gpr r = begin_result(i, kNone, 0);
    const Xmm rest = allocate_float();
    const uint64_t two63 = wide ? 0x43e0000000000000u : 0x5f000000u;
    e_.mov_imm(scratch, two63);
    e_.move_to_xmm(Width::w64, float_scratch, scratch);
    e_.ucomi(wide, a, float_scratch);
    uint8_t* large = e_.jcc_short(Condition::above_equal);
    fail_if(Condition::parity, Failure::Cast, i);
    e_.float_to_int(wide, r, a);
    e_.test(Width::w64, r, r);
    fail_if(Condition::negative, Failure::Cast, i);
    uint8_t* end = e_.jmp_short();
    e_.patch_short(large);
    e_.fmov(rest, a);
    e_.fp(Fp::sub, wide, rest, float_scratch);
    e_.float_to_int(wide, r, rest);
    e_.test(Width::w64, r, r);
    fail_if(Condition::negative, Failure::Cast, i);
    e_.mov_imm(scratch, uint64_t{1} << 63);
    e_.alu(Alu::xor_, Width::w64, r, scratch);
    e_.patch_short(end);
    end_result(i, r);
    release(in.a, i);
    return;
  }
  const Gpr r = begin_result(i, kNone, 0);
  e_.float_to_int(wide, r, a);
  if (ir::bit_width(to) == 64) {
    // The processor gives the smallest number for what does not fit, and for that number itself.
    e_.alu_imm(Alu::cmp, Width::w64, r, 1);
    uint8_t* fine = e_.jcc_short(Condition::no_overflow);
    e_.mov_imm(scratch, wide ? 0xc3e0000000000000u : 0xdf000000u);
    e_.move_to_xmm(Width::w64, float_scratch, scratch);
    e_.ucomi(wide, a, float_scratch);
    fail_if(Condition::not_equal, Failure::Cast, i);
    fail_if(Condition::parity, Failure::Cast, i);
    e_.patch_short(fine);
  } else {
    check_range(r, to, Failure::Cast, i);
  }
  end_result(i, r);
  release(in.a, i);
}

void FunctionCompiler::bitcast(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Type from = type(in.a);
  const Type to = in.type;
  const Width w = ir::bit_width(to) == 32 ? Width::w32 : Width::w64;
  if (ir::is_float(to) && ir::is_float(from)) {
    const Xmm a = xmm(in.a);
    const Xmm r = begin_float_result(i, in.a, 0);
    if (r != a) {
      e_.fmov(r, a);
    }
    end_float_result(i, r);
  } else if (ir::is_float(to)) {
    const Gpr a = gpr(in.a);
    const Xmm r = begin_float_result(i, kNone, 0);
    e_.move_to_xmm(w, r, a);
    end_float_result(i, r);
  } else if (ir::is_float(from)) {
    const Xmm a = xmm(in.a);
    const Gpr r = begin_result(i, kNone, 0);
    e_.move_to_gpr(w, r, a);
    canonicalize(r, to);
    end_result(i, r);
  } else {
    const Operand a = operand(in.a);
    const Gpr r = begin_result(i, in.a, 0);
    load_into(r, a);
    if (to != Type::Ref && from != to) {
      canonicalize(r, to);
    }
    end_result(i, r);
  }
  release(in.a, i);
}

}  // namespace omega::codegen::native
