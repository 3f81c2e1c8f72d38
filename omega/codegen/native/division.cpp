// SPDX-License-Identifier: Apache-2.0
// Division and remainder: by shifts and multiplications where the divisor is constant, else by the processor's divisions.
#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::scratch;
using ir::kNone;
using ir::Op;

namespace {

/// (high, 0) / divisor, where the quotient fits 64 bits: high < divisor.
uint64_t quotient_of_high(uint64_t high, uint64_t divisor) {
  uint64_t quotient, remainder;
  __asm__("divq %[divisor]" : "=a"(quotient), "=d"(remainder) : "a"(uint64_t{0}), "d"(high), [divisor] "r"(divisor) : "cc");
  return quotient;
}

}  // namespace

void FunctionCompiler::divide(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const uint32_t bits = ir::bit_width(in.type);
  const bool sign = ir::is_signed(in.type);
  const bool is_div = in.op == Op::Div;
  const bool checked = (in.flags & ir::kChecked) != 0;
  if (is_const(in.b)) {
    const int64_t divisor = ir::const_value(insts_[in.b]);
    if (divisor != 0 && divisor != INT64_MIN) {
      divide_by_constant(i, divisor);
      return;
    }
  }
  claim(Gpr::rax);
  claim(Gpr::rdx);
  const Gpr d = gpr(in.b);
  load_into(Gpr::rax, in.a);
  e_.test(Width::w64, d, d);
  fail_if(Condition::equal, Failure::Divide, i);
  uint8_t* to_end = nullptr;
  uint8_t* narrow_to_end = nullptr;
  if (bits > 32) {
    // Divisions of 64 bits take several times as long as those of 32: use the latter when both operands are small.
    e_.mov(Width::w64, scratch, Gpr::rax);
    e_.alu(Alu::or_, Width::w64, scratch, d);
    e_.shift_imm(Shift::shr, Width::w64, scratch, 32);
    uint8_t* wide = e_.jcc_short(Condition::not_equal);
    e_.zero(Gpr::rdx);
    e_.unary(Unary::div, Width::w32, d);
    narrow_to_end = e_.jmp_short();
    e_.patch_short(wide);
  }
  const Width w = bits > 32 ? Width::w64 : Width::w32;
  if (!sign) {
    e_.zero(Gpr::rdx);
    e_.unary(Unary::div, w, d);
  } else {
    uint8_t* ordinary = nullptr;
    if (bits == 64 || bits == 32) {
      // The smallest number divided by -1 would trap.
      e_.alu_imm(Alu::cmp, w, d, -1);
      ordinary = e_.jcc_short(Condition::not_equal);
      if (is_div) {
        e_.unary(Unary::neg, w, Gpr::rax);
        if (checked) {
          fail_if(Condition::overflow, Failure::Overflow, i);
        }
      } else {
        e_.zero(Gpr::rdx);
      }
      to_end = e_.jmp_short();
      e_.patch_short(ordinary);
    }
    e_.sign_to_rdx(w);
    e_.unary(Unary::idiv, w, d);
  }
  if (to_end != nullptr) {
    e_.patch_short(to_end);
  }
  if (narrow_to_end != nullptr) {
    e_.patch_short(narrow_to_end);
  }
  const Gpr result = is_div ? Gpr::rax : Gpr::rdx;
  if (sign && w == Width::w32) {
    e_.extend(true, Width::w32, result, result);
  }
  if (sign && is_div && bits != 64 && bits != 32) {
    if (checked) {
      check_range(result, in.type, Failure::Overflow, i);
    } else {
      canonicalize(result, in.type);
    }
  }
  release(in.a, i);
  release(in.b, i);
  result_in(i, result);
}

/// Whether value i is used once, soon, to see if it is zero: then any value does that is zero at the same time.
bool FunctionCompiler::is_compared_with_zero(uint32_t i) const {
  const uint32_t user = insts_[i + 1].op == Op::Const ? i + 2 : i + 1;
  const ir::Inst& compare = insts_[user];
  return (compare.op == Op::Eq || compare.op == Op::Ne) && compare.a == i && compare.b != i && plan_.last_use[i] == user && plan_.variable_of[i] == kNone &&
         is_const(compare.b) && ir::const_value(insts_[compare.b]) == 0;
}

void FunctionCompiler::divide_by_constant(uint32_t i, int64_t divisor) {
  const ir::Inst& in = insts_[i];
  const bool sign = ir::is_signed(in.type);
  const bool is_div = in.op == Op::Div;
  const uint64_t magnitude = sign && divisor < 0 ? 0 - static_cast<uint64_t>(divisor) : static_cast<uint64_t>(divisor);
  if (!std::has_single_bit(magnitude)) {
    divide_by_magic(i, magnitude, sign && divisor < 0, sign);
    return;
  }
  const auto power = static_cast<uint8_t>(std::countr_zero(magnitude));
  const Gpr a = gpr(in.a);
  const Gpr to = begin_result(i, kNone, bit(a));
  if (!is_div && (!sign || power == 0 || is_compared_with_zero(i))) {
    if (magnitude - 1 <= INT32_MAX) {
      e_.mov(Width::w64, to, a);
      e_.alu_imm(Alu::and_, Width::w64, to, static_cast<int32_t>(magnitude - 1));
    } else {
      e_.mov_imm(to, magnitude - 1);
      e_.alu(Alu::and_, Width::w64, to, a);
    }
  } else if (!sign || power == 0) {
    e_.mov(Width::w64, to, a);
    if (power != 0) {
      e_.shift_imm(Shift::shr, Width::w64, to, power);
    }
  } else {
    // Negative dividends are rounded towards zero by adding 2^power - 1 first.
    e_.mov(Width::w64, to, a);
    if (power > 1) {
      e_.shift_imm(Shift::sar, Width::w64, to, 63);
    }
    e_.shift_imm(Shift::shr, Width::w64, to, static_cast<uint8_t>(64 - power));
    e_.alu(Alu::add, Width::w64, to, a);
    if (is_div) {
      e_.shift_imm(Shift::sar, Width::w64, to, power);
    } else {
      if (power < 31) {
        e_.alu_imm(Alu::and_, Width::w64, to, -(1 << power));
      } else {
        e_.shift_imm(Shift::sar, Width::w64, to, power);
        e_.shift_imm(Shift::shl, Width::w64, to, power);
      }
      e_.unary(Unary::neg, Width::w64, to);
      e_.alu(Alu::add, Width::w64, to, a);
    }
  }
  if (is_div && sign && divisor < 0) {
    e_.unary(Unary::neg, Width::w64, to);
    if (power == 0) {
      const bool checked = (in.flags & ir::kChecked) != 0;
      if (!checked) {
        canonicalize(to, in.type);
      } else if (ir::bit_width(in.type) == 64) {
        fail_if(Condition::overflow, Failure::Overflow, i);
      } else {
        check_range(to, in.type, Failure::Overflow, i);
      }
    }
  }
  end_result(i, to);
  release(in.a, i);
}

// Granlund and Montgomery, "Division by invariant integers using multiplication": the quotient is the high half of a product.
void FunctionCompiler::divide_by_magic(uint32_t i, uint64_t divisor, bool negative, bool is_signed) {
  using Wide = unsigned __int128;
  const ir::Inst& in = insts_[i];
  const bool is_div = in.op == Op::Div;
  const auto log = static_cast<uint32_t>(64 - std::countl_zero(divisor - 1));  // ceil(log2(divisor)), at least 1
  claim(Gpr::rax);
  claim(Gpr::rdx);
  const Gpr a = gpr(in.a);
  if (is_signed) {
    // 2^(62 + log) / divisor, rounded up, is exact enough when it exceeds the quotient by at most 2^(log - 1) / divisor. Else one bit more is
    // needed, which makes the multiplier negative: the dividend is added to make up for it.
    const uint64_t quotient = quotient_of_high(uint64_t{1} << (log - 2), divisor);
    const uint64_t excess = divisor - (0 - quotient * divisor);
    const bool fits = excess <= uint64_t{1} << (log - 1);
    e_.mov_imm(Gpr::rax, fits ? quotient + 1 : quotient_of_high(uint64_t{1} << (log - 1), divisor) + 1);
    e_.unary(Unary::imul, Width::w64, a);
    if (!fits) {
      e_.alu(Alu::add, Width::w64, Gpr::rdx, a);
    }
    if (const uint32_t by = fits ? log - 2 : log - 1; by != 0) {
      e_.shift_imm(Shift::sar, Width::w64, Gpr::rdx, static_cast<uint8_t>(by));
    }
    // Rounded down so far: one more for negative dividends.
    if (is_div && places_[in.a].where == Place::InGpr && dies(in.a, i) && owner_[number(a)] == in.a) {
      e_.alu(Alu::add, Width::w64, a, a);
    } else {
      e_.test_bit(a, 63);
    }
    e_.alu_imm(Alu::adc, Width::w64, Gpr::rdx, 0);
    if (negative && is_div) {
      e_.unary(Unary::neg, Width::w64, Gpr::rdx);
    }
  } else if (ir::bit_width(in.type) < 64) {
    const auto multiplier = quotient_of_high(uint64_t{1} << (log - 1), divisor) + 1;
    e_.mov_imm(Gpr::rax, multiplier);
    e_.unary(Unary::mul, Width::w64, a);
    if (log > 1) {
      e_.shift_imm(Shift::shr, Width::w64, Gpr::rdx, static_cast<uint8_t>(log - 1));
    }
  } else {
    const Wide excess = (log == 64 ? Wide{0} - divisor : (Wide{1} << log) - divisor) & UINT64_MAX;
    const auto multiplier = quotient_of_high(static_cast<uint64_t>(excess), divisor) + 1;
    e_.mov_imm(Gpr::rax, multiplier);
    e_.unary(Unary::mul, Width::w64, a);
    e_.mov(Width::w64, Gpr::rax, a);
    e_.alu(Alu::sub, Width::w64, Gpr::rax, Gpr::rdx);
    e_.shift_imm(Shift::shr, Width::w64, Gpr::rax, 1);
    e_.alu(Alu::add, Width::w64, Gpr::rdx, Gpr::rax);
    if (log > 1) {
      e_.shift_imm(Shift::shr, Width::w64, Gpr::rdx, static_cast<uint8_t>(log - 1));
    }
  }
  if (is_div) {
    release(in.a, i);
    result_in(i, Gpr::rdx);
    return;
  }
  // The remainder does not depend on the divisor's sign.
  if (divisor <= INT32_MAX) {
    e_.imul_imm(Width::w64, Gpr::rdx, Gpr::rdx, static_cast<int32_t>(divisor));
  } else {
    e_.mov_imm(Gpr::rax, divisor);
    e_.imul(Width::w64, Gpr::rdx, Gpr::rax);
  }
  const Gpr to = begin_result(i, in.a, bit(Gpr::rdx));
  if (to != a) {
    e_.mov(Width::w64, to, a);
  }
  e_.alu(Alu::sub, Width::w64, to, Gpr::rdx);
  end_result(i, to);
  release(in.a, i);
}

}  // namespace omega::codegen::native
