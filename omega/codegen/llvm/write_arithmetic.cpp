// SPDX-License-Identifier: Apache-2.0
// Arithmetic of one function. What is wider than 64 bits multiplies, divides and shifts by functions of runtime/chain/arithmetic.c.
#include "omega/codegen/llvm/function_writer.h"
#include "omega/codegen/llvm/panic_codes.h"

namespace omega::codegen::llvm {

using ir::Inst;
using ir::Op;

namespace {

constexpr uint32_t kRegisterBits = 64;
/// Numbers of so many bits multiply in a register without losing any.
constexpr uint32_t kHalfRegisterBits = 32;

bool is_checked(const Inst& in) { return (in.flags & ir::kChecked) != 0; }

/// The smallest number of a signed type.
Limbs smallest(uint32_t bits) {
  Limbs limbs{};
  for (uint32_t i = bits - 1; i < 256; ++i) {
    limbs.limb[i / 64] |= uint64_t{1} << (i % 64);
  }
  return limbs;
}

/// k when the number is 2^k; kNone for others.
uint32_t exponent_of(const Limbs& limbs) {
  uint32_t found = ir::kNone;
  for (uint32_t i = 0; i < 256; ++i) {
    if ((limbs.limb[i / 64] >> (i % 64) & 1) != 0) {
      if (found != ir::kNone) {
        return ir::kNone;
      }
      found = i;
    }
  }
  return found;
}

Limbs ones(uint32_t bits) {
  Limbs limbs{};
  for (uint32_t i = 0; i < bits; ++i) {
    limbs.limb[i / 64] |= uint64_t{1} << (i % 64);
  }
  return limbs;
}

std::string_view predicate(Op op, bool is_signed) {
  switch (op) {
    case Op::Eq: return "eq ";
    case Op::Ne: return "ne ";
    case Op::Lt:
    case Op::Min: return is_signed ? "slt " : "ult ";
    case Op::Le: return is_signed ? "sle " : "ule ";
    case Op::Gt:
    case Op::Max: return is_signed ? "sgt " : "ugt ";
    default: return is_signed ? "sge " : "uge ";
  }
}

}  // namespace

/// A type as the shared code takes it: bits, and 2^16 when it is signed.
std::string FunctionWriter::runtime_type(ir::Type type) const { return std::to_string(ir::bit_width(type) | (ir::is_signed(type) ? 1u << 16 : 0)); }

void FunctionWriter::arithmetic(uint32_t i) {
  const Inst& in = f_.insts[i];
  switch (in.op) {
    case Op::Add:
    case Op::Sub: add_or_subtract(i); return;
    case Op::Mul: multiply(i); return;
    case Op::Div:
    case Op::Mod: divide(i); return;
    case Op::Pow: wide_arithmetic(i, "chain_power", true); return;
    case Op::Neg:
    case Op::Abs: negate(i); return;
    case Op::Not: line(name(i), " = xor ", typed(in.a), ", ", in.type == ir::Type::U1 ? "true" : "-1"); return;
    case Op::And: line(name(i), " = and ", typed(in.a), ", ", value(in.b)); return;
    case Op::Or: line(name(i), " = or ", typed(in.a), ", ", value(in.b)); return;
    case Op::Xor: line(name(i), " = xor ", typed(in.a), ", ", value(in.b)); return;
    case Op::Shl:
    case Op::Shr: shift(i); return;
    case Op::Min:
    case Op::Max: {
      const std::string is_first = assign("icmp ", predicate(in.op, ir::is_signed(in.type)), typed(in.a), ", ", value(in.b));
      line(name(i), " = select i1 ", is_first, ", ", typed(in.a), ", ", typed(in.b));
      return;
    }
    case Op::Select: line(name(i), " = select i1 ", value(in.a), ", ", typed(in.b), ", ", typed(in.c)); return;
    case Op::Cast:
    case Op::Bitcast: cast(i); return;
    default: comparison(i); return;
  }
}

void FunctionWriter::comparison(uint32_t i) {
  const Inst& in = f_.insts[i];
  if (in.op != Op::Eq && in.op != Op::Ne && goes_by_limbs(type_of(in.a))) {
    compare_limbs(i);
    return;
  }
  line(name(i), " = icmp ", predicate(in.op, ir::is_signed(type_of(in.a))), typed(in.a), ", ", value(in.b));
}

void FunctionWriter::cast(uint32_t i) {
  const Inst& in = f_.insts[i];
  if (alias_[i] != i) {
    return;
  }
  const uint32_t from = ir::bit_width(type_of(in.a)), to = ir::bit_width(in.type);
  const std::string_view how = in.type == ir::Type::Ref         ? "inttoptr "
                               : type_of(in.a) == ir::Type::Ref ? "ptrtoint "
                               : from > to                      ? "trunc "
                               : ir::is_signed(type_of(in.a))   ? "sext "
                                                                : "zext ";
  line(name(i), " = ", how, typed(in.a), " to ", type_text(in.type));
}

void FunctionWriter::add_or_subtract(uint32_t i) {
  const Inst& in = f_.insts[i];
  const std::string_view operation = in.op == Op::Add ? "add" : "sub";
  if (goes_by_limbs(in.type) && !(ir::is_signed(in.type) && is_checked(in))) {
    add_or_subtract_limbs(i, is_checked(in));
    return;
  }
  if (!is_checked(in)) {
    line(name(i), " = ", operation, " ", typed(in.a), ", ", value(in.b));
    return;
  }
  const std::string type = type_text(in.type);
  if (ir::is_signed(in.type)) {
    const std::string pair = assign("call { ", type, ", i1 } @llvm.s", operation, ".with.overflow.", type, "(", typed(in.a), ", ", typed(in.b), ")");
    panic_unless(assign("xor i1 ", assign("extractvalue { ", type, ", i1 } ", pair, ", 1"), ", true"), kOverflowPanic);
    line(name(i), " = extractvalue { ", type, ", i1 } ", pair, ", 0");
    return;
  }
  if (in.op == Op::Sub) {
    panic_unless(assign("icmp uge ", typed(in.a), ", ", value(in.b)), kOverflowPanic);
    line(name(i), " = sub ", typed(in.a), ", ", value(in.b));
    return;
  }
  line(name(i), " = add ", typed(in.a), ", ", value(in.b));
  panic_unless(assign("icmp uge ", type, " ", name(i), ", ", value(in.a)), kOverflowPanic);
}

void FunctionWriter::multiply(uint32_t i) {
  const Inst& in = f_.insts[i];
  const uint32_t bits = ir::bit_width(in.type);
  if (bits > kRegisterBits) {
    wide_arithmetic(i, "chain_multiply", true);
    return;
  }
  if (!is_checked(in)) {
    line(name(i), " = mul ", typed(in.a), ", ", value(in.b));
    return;
  }
  const std::string type = type_text(in.type);
  std::string product, fits;
  if (bits <= kHalfRegisterBits) {
    product = assign("mul i64 ", resized(in.a, kRegisterBits), ", ", resized(in.b, kRegisterBits));
    line(name(i), " = trunc i64 ", product, " to ", type);
    fits = assign("icmp eq i64 ", assign(ir::is_signed(in.type) ? "sext " : "zext ", type, " ", name(i), " to i64"), ", ", product);
  } else {
    const std::string lost = assign("call i64 @chain_multiply_64(ptr ", word(0), ", i64 ", resized(in.a, kRegisterBits), ", i64 ", resized(in.b, kRegisterBits),
                                    ", i32 ", runtime_type(in.type), ")");
    load_word(name(i), in.type, word(0));
    fits = assign("icmp eq i64 ", lost, ", 0");
  }
  panic_unless(fits, kOverflowPanic);
}

/// By a function (to, a, b, type) of the shared code, which says whether the type has lost something.
void FunctionWriter::wide_arithmetic(uint32_t i, std::string_view function, bool may_overflow) {
  const Inst& in = f_.insts[i];
  const std::string a = word_with(0, in.a), b = word_with(1, in.b);
  const std::string lost = assign("call i64 @", function, "(ptr ", word(2), ", ptr ", a, ", ptr ", b, ", i32 ", runtime_type(in.type), ")");
  if (is_checked(in) && may_overflow) {
    panic_unless(assign("icmp eq i64 ", lost, ", 0"), kOverflowPanic);
  }
  load_word(name(i), in.type, word(2));
}

/// Unsigned, by a constant: a shift, or what a shift would lose.
bool FunctionWriter::divide_by_power_of_two(uint32_t i) {
  const Inst& in = f_.insts[i];
  Limbs limbs;
  if (ir::is_signed(in.type) || !constant(in.b, limbs)) {
    return false;
  }
  const uint32_t exponent = exponent_of(limbs);
  if (exponent >= ir::bit_width(in.type)) {
    return false;
  }
  if (in.op == Op::Div) {
    line(name(i), " = lshr ", typed(in.a), ", ", std::to_string(exponent));
  } else {
    line(name(i), " = and ", typed(in.a), ", ", literal(ones(exponent), ir::bit_width(in.type)));
  }
  return true;
}

void FunctionWriter::divide(uint32_t i) {
  const Inst& in = f_.insts[i];
  const uint32_t bits = ir::bit_width(in.type);
  if (divide_by_power_of_two(i)) {
    return;
  }
  panic_unless(assign("icmp ne ", typed(in.b), ", 0"), kDivisionPanic);
  if (in.op == Op::Div && is_checked(in) && ir::is_signed(in.type)) {
    const std::string is_smallest = assign("icmp eq ", typed(in.a), ", ", literal(smallest(bits), bits));
    const std::string overflows = assign("and i1 ", is_smallest, ", ", assign("icmp eq ", typed(in.b), ", -1"));
    panic_unless(assign("xor i1 ", overflows, ", true"), kOverflowPanic);
  }
  if (bits > kRegisterBits) {
    wide_arithmetic(i, in.op == Op::Div ? "chain_divide" : "chain_modulo", false);
  } else if (ir::is_signed(in.type)) {
    narrow_result(i, assign("call i64 @", in.op == Op::Div ? "chain_divide_64" : "chain_modulo_64", "(i64 ", resized(in.a, kRegisterBits), ", i64 ",
                            resized(in.b, kRegisterBits), ")"));
  } else if (Limbs limbs; program_.target().moves_divisions && !constant(in.b, limbs)) {
    const std::string divisor = assign("call i64 asm sideeffect \"\", \"=r,0\"(i64 ", resized(in.b, kRegisterBits), ")");
    narrow_result(i, assign(in.op == Op::Div ? "udiv i64 " : "urem i64 ", resized(in.a, kRegisterBits), ", ", divisor));
  } else {
    line(name(i), in.op == Op::Div ? " = udiv " : " = urem ", typed(in.a), ", ", value(in.b));
  }
}

/// Gives instruction i a value that was computed in a register of 64 bits.
void FunctionWriter::narrow_result(uint32_t i, const std::string& in_register) {
  const ir::Type type = f_.insts[i].type;
  if (ir::bit_width(type) == kRegisterBits) {
    line(name(i), " = add i64 ", in_register, ", 0");
  } else {
    line(name(i), " = trunc i64 ", in_register, " to ", type_text(type));
  }
}

void FunctionWriter::negate(uint32_t i) {
  const Inst& in = f_.insts[i];
  const std::string type = type_text(in.type);
  const uint32_t bits = ir::bit_width(in.type);
  if (is_checked(in)) {
    const std::string worst = ir::is_signed(in.type) ? literal(smallest(bits), bits) : "0";
    if (ir::is_signed(in.type)) {
      panic_unless(assign("icmp ne ", typed(in.a), ", ", worst), kOverflowPanic);
    } else if (in.op == Op::Neg) {
      panic_unless(assign("icmp eq ", typed(in.a), ", 0"), kOverflowPanic);
    }
  }
  if (in.op == Op::Neg) {
    line(name(i), " = sub ", type, " 0, ", value(in.a));
    return;
  }
  const std::string negative = assign("sub ", type, " 0, ", value(in.a));
  const std::string is_negative = ir::is_signed(in.type) ? assign("icmp slt ", typed(in.a), ", 0") : "false";
  line(name(i), " = select i1 ", is_negative, ", ", type, " ", negative, ", ", typed(in.a));
}

void FunctionWriter::shift(uint32_t i) {
  const Inst& in = f_.insts[i];
  const uint32_t bits = ir::bit_width(in.type);
  const std::string type = type_text(in.type);
  const bool keeps_sign = in.op == Op::Shr && ir::is_signed(in.type);
  const std::string_view operation = in.op == Op::Shl ? "shl " : keeps_sign ? "ashr " : "lshr ";
  Limbs limbs;
  if (constant(in.b, limbs)) {
    const bool is_all = (limbs.limb[1] | limbs.limb[2] | limbs.limb[3]) != 0 || limbs.limb[0] >= bits;
    if (is_all && !keeps_sign) {
      line(name(i), " = and ", typed(in.a), ", ", literal({}, bits));
    } else {
      line(name(i), " = ", operation, typed(in.a), ", ", literal({{is_all ? bits - 1 : limbs.limb[0], 0, 0, 0}}, bits));
    }
    return;
  }
  // All amounts from the width on are alike; a negative one counts as a large one.
  const std::string is_inside = is_below(in.b, std::to_string(bits));
  const std::string amount = assign("select i1 ", is_inside, ", i64 ", resized(in.b, 64), ", i64 ", std::to_string(keeps_sign ? bits - 1 : bits));
  if (bits > kRegisterBits) {
    line("call void @", in.op == Op::Shl ? "chain_shift_left" : "chain_shift_right", "(ptr ", word(1), ", ptr ", word_with(0, in.a), ", i64 ", amount, ", i32 ",
         keeps_sign ? "1" : "0", ")");
    load_word(name(i), in.type, word(1));
    return;
  }
  const std::string wide = assign(operation, "i64 ", resized(in.a, 64), ", ", assign("and i64 ", amount, ", 63"));
  const std::string cut = bits == 64 ? wide : assign("trunc i64 ", wide, " to ", type);
  if (keeps_sign) {
    line(name(i), " = add ", type, " ", cut, ", 0");
  } else {
    line(name(i), " = select i1 ", is_inside, ", ", type, " ", cut, ", ", type, " ", bits == 1 ? "false" : "0");
  }
}

void FunctionWriter::modular(uint32_t i) {
  const Inst& in = f_.insts[i];
  panic_unless(assign("icmp ne ", typed(in.c), ", 0"), kDivisionPanic);
  const std::string a = word_with(0, in.a), b = word_with(1, in.b), modulus = word_with(2, in.c);
  line("call void @", in.op == Op::AddMod ? "chain_add_modulo" : "chain_multiply_modulo", "(ptr ", word(3), ", ptr ", a, ", ptr ", b, ", ptr ", modulus, ")");
  load_word(name(i), in.type, word(3));
}

}  // namespace omega::codegen::llvm
