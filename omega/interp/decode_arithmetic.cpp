// SPDX-License-Identifier: Apache-2.0
// Decoding of arithmetic, comparisons and conversions.
#include <bit>

#include "omega/interp/decoder.h"

namespace omega::interp {

void Decoder::arithmetic(uint32_t i) {
  const Inst& inst = f_.insts[i];
  if (inst.op >= Op::Eq && inst.op <= Op::Ge) {
    return compare(i);
  }
  if (inst.op == Op::Select) {
    const uint32_t a = use(inst.a), b = use(inst.b), c = use(inst.c);
    emit(Opcode::Select, define(i), a, b, ir::is_wide(inst.type) ? 1 : 0);
    emit(Opcode::Ext, 0, c);
    return;
  }
  if (ir::is_float(inst.type)) {
    return float_arithmetic(inst, i);
  }
  if (ir::is_wide(inst.type)) {
    return wide_arithmetic(inst, i);
  }
  const bool checked = (inst.flags & ir::kChecked) != 0;
  const uint16_t aux = aux_of(inst.type, checked);
  const bool is64 = ir::bit_width(inst.type) == 64;
  const bool sign = ir::is_signed(inst.type);
  uint32_t imm;
  auto two = [&](Opcode op) {
    const uint32_t a = use(inst.a), b = use(inst.b);
    emit(op, define(i), a, b, aux);
  };
  auto one = [&](Opcode op) {
    const uint32_t a = use(inst.a);
    emit(op, define(i), a, 0, aux);
  };
  auto logical = [&](Opcode op, Opcode op_imm) {
    if (immediate(inst.b, &imm)) {
      const uint32_t a = use(inst.a);
      emit(op_imm, define(i), a, imm);
    } else {
      two(op);
    }
  };
  switch (inst.op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul: return integer_add(inst, i);
    case Op::Div: return two(is64 && sign ? Opcode::DivS : Opcode::DivN);
    case Op::Mod: return two(is64 && sign ? Opcode::ModS : Opcode::ModN);
    case Op::Min: return two(sign ? Opcode::MinS : Opcode::MinU);
    case Op::Max: return two(sign ? Opcode::MaxS : Opcode::MaxU);
    case Op::And: return logical(Opcode::And, Opcode::AndI);
    case Op::Or: return logical(Opcode::Or, Opcode::OrI);
    case Op::Xor: return logical(Opcode::Xor, Opcode::XorI);
    case Op::Neg: return one(Opcode::NegN);
    case Op::Abs: return one(Opcode::AbsN);
    case Op::Not: return one(Opcode::NotN);
    default: {
      // The amount or exponent, as an unsigned 64-bit value; wide ones are cut so that what they mean here stays.
      const uint32_t a = use(inst.a);
      uint32_t b = use(inst.b);
      if (ir::is_wide(f_.insts[inst.b].type)) {
        const uint32_t cut = temp(1);
        emit(Opcode::WideToInt, cut, b, kNone);
        b = cut;
      }
      return emit(inst.op == Op::Pow ? Opcode::PowN : inst.op == Op::Shl ? Opcode::ShlN : Opcode::ShrN, define(i), a, b, aux);
    }
  }
}

void Decoder::integer_add(const Inst& inst, uint32_t i) {
  const bool checked = (inst.flags & ir::kChecked) != 0;
  const bool sign = ir::is_signed(inst.type);
  const uint32_t kind = static_cast<uint32_t>(inst.op) - static_cast<uint32_t>(Op::Add);
  const uint32_t a = use(inst.a);
  uint32_t imm;
  if (ir::bit_width(inst.type) != 64) {
    const uint32_t b = use(inst.b);
    return emit(plus(Opcode::AddN, kind), define(i), a, b, aux_of(inst.type, checked));
  }
  if (immediate(inst.b, &imm) && (!checked || sign)) {
    return emit(plus(checked ? Opcode::AddSI : Opcode::AddWI, kind), define(i), a, imm);
  }
  const uint32_t b = use(inst.b);
  emit(plus(!checked ? Opcode::AddW : sign ? Opcode::AddS : Opcode::AddU, kind), define(i), a, b);
}

void Decoder::float_arithmetic(const Inst& inst, uint32_t i) {
  constexpr uint32_t single = static_cast<uint32_t>(Opcode::AddF) - static_cast<uint32_t>(Opcode::AddD);
  const uint32_t shift = inst.type == Type::F32 ? single : 0;
  Opcode op = Opcode::Ext;
  bool unary = false;
  switch (inst.op) {
    case Op::Add: op = Opcode::AddD; break;
    case Op::Sub: op = Opcode::SubD; break;
    case Op::Mul: op = Opcode::MulD; break;
    case Op::Div: op = Opcode::DivD; break;
    case Op::Mod: op = Opcode::ModD; break;
    case Op::Min: op = Opcode::MinD; break;
    case Op::Max: op = Opcode::MaxD; break;
    case Op::Neg: op = Opcode::NegD, unary = true; break;
    case Op::Abs: op = Opcode::AbsD, unary = true; break;
    case Op::Sqrt: op = Opcode::SqrtD, unary = true; break;
    default: OMEGA_UNREACHABLE("not an operation on floats");
  }
  const uint32_t a = use(inst.a);
  const uint32_t b = unary ? 0 : use(inst.b);
  emit(plus(op, shift), define(i), a, b);
}

void Decoder::wide_arithmetic(const Inst& inst, uint32_t i) {
  Opcode op = Opcode::Ext;
  bool unary = false;
  switch (inst.op) {
    case Op::Add: op = Opcode::WAdd; break;
    case Op::Sub: op = Opcode::WSub; break;
    case Op::Mul: op = Opcode::WMul; break;
    case Op::Div: op = Opcode::WDiv; break;
    case Op::Mod: op = Opcode::WMod; break;
    case Op::Pow: op = Opcode::WPow; break;
    case Op::Neg: op = Opcode::WNeg, unary = true; break;
    case Op::Abs: op = Opcode::WAbs, unary = true; break;
    case Op::Not: op = Opcode::WNot, unary = true; break;
    case Op::And: op = Opcode::WAnd; break;
    case Op::Or: op = Opcode::WOr; break;
    case Op::Xor: op = Opcode::WXor; break;
    case Op::Shl: op = Opcode::WShl; break;
    case Op::Shr: op = Opcode::WShr; break;
    case Op::Min: op = Opcode::WMin; break;
    case Op::Max: op = Opcode::WMax; break;
    default: OMEGA_UNREACHABLE("not an operation on wide integers");
  }
  const uint32_t a = use(inst.a);
  uint32_t b = unary ? 0 : use(inst.b);
  if (inst.op == Op::Pow && !ir::is_wide(f_.insts[inst.b].type)) {
    const uint32_t widened = temp(4);
    emit(Opcode::IntToWide, widened, b, 0, aux_of(Type::U256));
    b = widened;
  } else if ((inst.op == Op::Shl || inst.op == Op::Shr) && ir::is_wide(f_.insts[inst.b].type)) {
    const uint32_t cut = temp(1);
    emit(Opcode::WideToInt, cut, b, kNone);
    b = cut;
  }
  emit(op, define(i), a, b, aux_of(inst.type, (inst.flags & ir::kChecked) != 0));
}

Decoder::Comparison Decoder::integer_comparison(Op op, ValueId left, ValueId right, bool jump) {
  const bool sign = ir::is_signed(f_.insts[left].type);
  constexpr uint32_t to_jump = static_cast<uint32_t>(Opcode::JEq) - static_cast<uint32_t>(Opcode::Eq);
  auto code = [&](Opcode plain) { return jump ? plus(plain, to_jump) : plain; };
  uint32_t imm;
  if (immediate(right, &imm) && (sign || static_cast<int32_t>(imm) >= 0)) {
    const uint32_t a = use(left);
    switch (op) {
      case Op::Eq: return {code(Opcode::EqI), a, imm};
      case Op::Ne: return {code(Opcode::NeI), a, imm};
      case Op::Lt: return {code(sign ? Opcode::LtSI : Opcode::LtUI), a, imm};
      case Op::Le: return {code(sign ? Opcode::LeSI : Opcode::LeUI), a, imm};
      case Op::Gt: return {code(sign ? Opcode::GtSI : Opcode::GtUI), a, imm};
      default: return {code(sign ? Opcode::GeSI : Opcode::GeUI), a, imm};
    }
  }
  const uint32_t a = use(left), b = use(right);
  switch (op) {
    case Op::Eq: return {code(Opcode::Eq), a, b};
    case Op::Ne: return {code(Opcode::Ne), a, b};
    case Op::Lt: return {code(sign ? Opcode::LtS : Opcode::LtU), a, b};
    case Op::Le: return {code(sign ? Opcode::LeS : Opcode::LeU), a, b};
    case Op::Gt: return {code(sign ? Opcode::LtS : Opcode::LtU), b, a};
    default: return {code(sign ? Opcode::LeS : Opcode::LeU), b, a};
  }
}

void Decoder::compare(uint32_t i) {
  const Inst& inst = f_.insts[i];
  const Type type = f_.insts[inst.a].type;
  if (!ir::is_float(type) && !ir::is_wide(type)) {
    const Comparison c = integer_comparison(inst.op, inst.a, inst.b, false);
    return emit(c.op, define(i), c.a, c.b);
  }
  uint32_t a = use(inst.a), b = use(inst.b);
  Op op = inst.op;
  if (op == Op::Gt || op == Op::Ge) {
    std::swap(a, b);
    op = op == Op::Gt ? Op::Lt : Op::Le;
  }
  const uint32_t kind = static_cast<uint32_t>(op) - static_cast<uint32_t>(Op::Eq);
  if (ir::is_wide(type)) {
    emit(plus(Opcode::WEq, kind), define(i), a, b, aux_of(type));
  } else {
    emit(plus(type == Type::F64 ? Opcode::EqD : Opcode::EqF, kind), define(i), a, b);
  }
}

void Decoder::cast(uint32_t i) {
  const Inst& inst = f_.insts[i];
  const Type from = f_.insts[inst.a].type;
  const Type to = inst.type;
  const uint32_t a = use(inst.a);
  const uint32_t d = define(i);
  const uint32_t sign = ir::is_signed(from) ? 1 : 0;
  const bool checked = (inst.flags & ir::kChecked) != 0;
  if (ir::is_float(from)) {
    if (ir::is_float(to)) {
      return from == to ? move(to, d, a) : emit(to == Type::F32 ? Opcode::DToF : Opcode::FToD, d, a);
    }
    const bool single = from == Type::F32;
    return emit(ir::is_wide(to) ? (single ? Opcode::FToWide : Opcode::DToWide) : (single ? Opcode::FToInt : Opcode::DToInt), d, a, 0, aux_of(to));
  }
  if (ir::is_float(to)) {
    const bool single = to == Type::F32;
    if (ir::is_wide(from)) {
      return emit(single ? Opcode::WideToF : Opcode::WideToD, d, a, 0, aux_of(from));
    }
    return emit(single ? Opcode::IntToF : Opcode::IntToD, d, a, sign);
  }
  const uint16_t aux = aux_of(to, checked);
  if (ir::is_wide(from)) {
    return emit(ir::is_wide(to) ? Opcode::WideToWide : Opcode::WideToInt, d, a, aux_of(from), aux);
  }
  if (ir::is_wide(to)) {
    return emit(Opcode::IntToWide, d, a, sign, aux);
  }
  const uint32_t from_bits = ir::bit_width(from), to_bits = ir::bit_width(to);
  const bool always_fits = ir::is_signed(to) == (sign != 0) ? to_bits >= from_bits : ir::is_signed(to) && to_bits > from_bits;
  if (always_fits || (!checked && from_bits == 64 && to_bits == 64)) {
    return move(to, d, a);
  }
  emit(Opcode::CastN, d, a, sign, aux);
}

void Decoder::bitcast(uint32_t i) {
  const Inst& inst = f_.insts[i];
  const Type from = f_.insts[inst.a].type;
  const uint32_t a = use(inst.a);
  const uint32_t d = define(i);
  const Type to = inst.type == Type::F32 ? Type::U32 : inst.type;
  if (ir::is_integer(to) && ir::bit_width(to) < 64) {
    emit(Opcode::CastN, d, a, 0, aux_of(to));
  } else if (ir::is_wide(to)) {
    emit(Opcode::WideToWide, d, a, aux_of(from), aux_of(to));
  } else {
    move(to, d, a);
  }
}

}  // namespace omega::interp
