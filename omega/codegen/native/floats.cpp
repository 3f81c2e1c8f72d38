// SPDX-License-Identifier: Apache-2.0
// Scalar floating point with SSE2.
#include "omega/codegen/native/function_compiler.h"

namespace omega::codegen::native {

using convention::float_scratch;
using ir::kNone;
using ir::Op;
using ir::Type;

void FunctionCompiler::float_arithmetic(uint32_t i, Fp op) {
  const ir::Inst& in = insts_[i];
  const bool wide = in.type == Type::F64;
  const uint32_t a = in.a, b = in.b;
  const Operand right = operand(b);
  // The order of operands decides which nan comes out, so they are never exchanged.
  const RegisterSet late = right.kind == Operand::InXmm && a != b ? 1u << right.reg : 0;
  const Xmm from = xmm(a);
  const Xmm to = begin_float_result(i, a, late);
  if (to != from) {
    e_.fmov(to, from);
  }
  switch (right.kind) {
    case Operand::InXmm: e_.fp(op, wide, to, a == b ? to : right.xmm()); break;
    case Operand::ConstantAddress:
      e_.fp(op, wide, to, Mem{});
      relocate(RelocationKind::Constant, static_cast<uint32_t>(right.value));
      break;
    default: e_.fp(op, wide, to, right.memory);
  }
  end_float_result(i, to);
  release(a, i);
  release(b, i);
}

void FunctionCompiler::float_negate(uint32_t i, bool absolute) {
  const ir::Inst& in = insts_[i];
  const bool wide = in.type == Type::F64;
  const Xmm a = xmm(in.a);
  const Xmm to = begin_float_result(i, in.a, 0);
  // All ones, shifted: cheaper than a load is the constant in memory that all share.
  const uint64_t sign = wide ? uint64_t{1} << 63 : uint64_t{1} << 31;
  const uint64_t mask = absolute ? sign - 1 : sign;
  e_.fload(true, float_scratch, Mem{});
  relocate(RelocationKind::Constant, buffer_->word(mask));
  if (to != a) {
    e_.fmov(to, a);
  }
  e_.fp_bits(absolute ? Fp::and_ : Fp::xor_, to, float_scratch);
  end_float_result(i, to);
  release(in.a, i);
}

void FunctionCompiler::float_square_root(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Xmm a = xmm(in.a);
  const Xmm to = begin_float_result(i, in.a, 0);
  e_.fp(Fp::sqrt, in.type == Type::F64, to, a);
  end_float_result(i, to);
  release(in.a, i);
}

// A number wins over nan, and -0 is less than 0. The processor's minimum gives its second operand when either is nan, and when both are zeros.
void FunctionCompiler::float_minimum_maximum(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const bool wide = in.type == Type::F64;
  const bool is_min = in.op == Op::Min;
  const Xmm a = xmm(in.a);
  const Xmm b = xmm(in.b);
  const Xmm chosen = allocate_float();
  e_.fmov(chosen, a);
  e_.fp(is_min ? Fp::min : Fp::max, wide, chosen, b);  // b when one is nan
  const Xmm masked = allocate_float();
  e_.fmov(masked, a);
  e_.fcmp(wide, 0, masked, b);  // all ones where they are equal: then the sign of either, or of both
  if (is_min) {
    e_.fp_bits(Fp::and_, masked, a);
    e_.fp_bits(Fp::or_, chosen, masked);
  } else {
    e_.fmov(float_scratch, a);
    e_.fp_bits(Fp::andn, float_scratch, masked);
    e_.fp_bits(Fp::andn, float_scratch, chosen);
    e_.fmov(chosen, float_scratch);
  }
  e_.fmov(float_scratch, b);
  e_.fcmp(wide, 3, float_scratch, b);  // all ones where b is nan: then a
  e_.fmov(masked, float_scratch);
  e_.fp_bits(Fp::and_, masked, a);
  e_.fp_bits(Fp::andn, float_scratch, chosen);
  e_.fp_bits(Fp::or_, float_scratch, masked);
  release(in.a, i);
  release(in.b, i);
  const Xmm to = begin_float_result(i, kNone, 0);
  e_.fmov(to, float_scratch);
  end_float_result(i, to);
}

void FunctionCompiler::float_select(uint32_t i) {
  const ir::Inst& in = insts_[i];
  const Gpr condition = gpr(in.a);
  const Xmm b = xmm(in.b);
  const Xmm c = xmm(in.c);
  e_.fmov(float_scratch, b);
  e_.test(Width::w32, condition, condition);
  uint8_t* end = e_.jcc_short(Condition::not_equal);
  e_.fmov(float_scratch, c);
  e_.patch_short(end);
  release(in.a, i);
  release(in.b, i);
  release(in.c, i);
  const Xmm to = begin_float_result(i, kNone, 0);
  e_.fmov(to, float_scratch);
  end_float_result(i, to);
}

FunctionCompiler::FloatCondition FunctionCompiler::compare_floats(uint32_t compare) {
  const ir::Inst& in = insts_[compare];
  const bool wide = type(in.a) == Type::F64;
  uint32_t a = in.a, b = in.b;
  FloatCondition result{Condition::above, false, false};
  switch (in.op) {
    case Op::Eq: result = {Condition::equal, true, false}; break;
    case Op::Ne: result = {Condition::not_equal, false, true}; break;
    case Op::Lt: std::swap(a, b); break;
    case Op::Le:
      std::swap(a, b);
      result.condition = Condition::above_equal;
      break;
    case Op::Gt: break;
    default: result.condition = Condition::above_equal;
  }
  const Xmm left = xmm(a);
  const Operand right = operand(b);
  switch (right.kind) {
    case Operand::InXmm: e_.ucomi(wide, left, right.xmm()); break;
    case Operand::ConstantAddress:
      e_.ucomi(wide, left, Mem{});
      relocate(RelocationKind::Constant, static_cast<uint32_t>(right.value));
      break;
    default: e_.ucomi(wide, left, right.memory);
  }
  release(in.a, compare);
  release(in.b, compare);
  return result;
}

}  // namespace omega::codegen::native
