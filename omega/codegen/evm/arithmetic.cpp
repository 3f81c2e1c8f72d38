// SPDX-License-Identifier: Apache-2.0
// Lowering: arithmetic of all widths on words of 256 bits. Values are always extended by their own sign.
#include "omega/codegen/evm/lowering.h"

namespace omega::codegen::evm {

using IrOp = ir::Op;
using IrInst = ir::Inst;
using ir::bit_width;
using ir::is_signed;
using ir::Type;

namespace {

constexpr uint32_t kOverflow = 0x11, kDivisionByZero = 0x12;

bool is_checked(const IrInst& inst) { return (inst.flags & ir::kChecked) != 0; }

Word smallest(Type type) { return is_signed(type) ? ~Word::ones(bit_width(type) - 1) : Word(0); }
Word largest(Type type) { return Word::ones(is_signed(type) ? bit_width(type) - 1 : bit_width(type)); }

}  // namespace

/// The lowest bits as a value of the type.
ValueId Lowering::wrap(ValueId x, Type type) {
  const uint32_t bits = bit_width(type);
  if (bits == 256) {
    return x;
  }
  if (!is_signed(type)) {
    return b_.bit_and(x, b_.constant(Word::ones(bits)));
  }
  if (bits % 8 == 0) {
    return b_.emit(Op::Signextend, {b_.constant(bits / 8 - 1), x});
  }
  return b_.emit(Op::Sar, {b_.constant(256 - bits), b_.shl(256 - bits, x)});
}

/// Panics unless a result that did not overflow 256 bits is one of the type.
void Lowering::check_range(ValueId x, Type type) {
  if (is_signed(type)) {
    b_.panic_if(b_.bit_xor(x, wrap(x, type)), kOverflow);
  } else {
    b_.panic_if(b_.shr(bit_width(type), x), kOverflow);
  }
}

ValueId Lowering::lower_add(const IrInst& inst, ValueId x, ValueId y) {
  if (b_.is_constant(x)) {
    std::swap(x, y);
  }
  const ValueId sum = b_.add(x, y);
  if (!is_checked(inst)) {
    return wrap(sum, inst.type);
  }
  if (bit_width(inst.type) < 256) {
    check_range(sum, inst.type);
  } else if (!is_signed(inst.type)) {
    b_.panic_if(b_.lt(sum, b_.is_constant(y) ? y : x), kOverflow);
  } else {
    const ValueId is_less = b_.emit(Op::Slt, {sum, x});
    b_.panic_if(b_.bit_xor(b_.emit(Op::Slt, {y, b_.constant(0)}), is_less), kOverflow);
  }
  return sum;
}

ValueId Lowering::lower_sub(const IrInst& inst, ValueId x, ValueId y) {
  if (!is_checked(inst)) {
    return wrap(b_.sub(x, y), inst.type);
  }
  if (!is_signed(inst.type)) {
    b_.panic_if(b_.gt(y, x), kOverflow);
    return b_.sub(x, y);
  }
  const ValueId difference = b_.sub(x, y);
  if (bit_width(inst.type) < 256) {
    check_range(difference, inst.type);
  } else {
    const ValueId is_more = b_.emit(Op::Sgt, {difference, x});
    b_.panic_if(b_.bit_xor(b_.emit(Op::Slt, {y, b_.constant(0)}), is_more), kOverflow);
  }
  return difference;
}

ValueId Lowering::lower_mul(const IrInst& inst, ValueId x, ValueId y) {
  if (b_.is_constant(x)) {
    std::swap(x, y);
  }
  const ValueId product = b_.mul(x, y);
  if (!is_checked(inst)) {
    return wrap(product, inst.type);
  }
  const uint32_t bits = bit_width(inst.type);
  const bool has_sign = is_signed(inst.type);
  if (bits > 128) {
    const Op divide = has_sign ? Op::Sdiv : Op::Div;
    if (b_.is_constant(y) && !b_.number(y).is_zero() && !(has_sign && b_.number(y) == ~Word(0))) {
      b_.panic_if(b_.is_zero(b_.eq(b_.emit(divide, {product, y}), x)), kOverflow);
    } else {
      const ValueId is_right = b_.bit_or(b_.is_zero(x), b_.eq(b_.emit(divide, {product, x}), y));
      b_.panic_if(b_.is_zero(is_right), kOverflow);
      if (has_sign && bits == 256) {
        // The one product whose division hides that it overflowed.
        const ValueId is_smallest = b_.eq(y, b_.constant(smallest(inst.type)));
        b_.panic_if(b_.bit_and(is_smallest, b_.eq(x, b_.constant(~Word(0)))), kOverflow);
      }
    }
  }
  if (bits < 256) {
    check_range(product, inst.type);
  }
  return product;
}

ValueId Lowering::lower_div(const IrInst& inst, ValueId x, ValueId y) {
  b_.panic_if(b_.is_zero(y), kDivisionByZero);
  if (inst.op == IrOp::Mod) {
    return b_.emit(is_signed(inst.type) ? Op::Smod : Op::Mod, {x, y});
  }
  if (!is_signed(inst.type)) {
    return b_.emit(Op::Div, {x, y});
  }
  if (is_checked(inst)) {
    const ValueId is_smallest = b_.eq(x, b_.constant(smallest(inst.type)));
    b_.panic_if(b_.bit_and(is_smallest, b_.eq(y, b_.constant(~Word(0)))), kOverflow);
  }
  return wrap(b_.emit(Op::Sdiv, {x, y}), inst.type);
}

/// Powers of a constant overflow from an exponent on that is known.
ValueId Lowering::lower_pow(const IrInst& inst, ValueId x, ValueId y) {
  if (!is_checked(inst)) {
    return wrap(b_.emit(Op::Exp, {x, y}), inst.type);
  }
  const Word most = largest(inst.type);
  const Word base = b_.is_constant(x) ? b_.number(x) : Word(0);
  if (b_.is_constant(x) && Word(1) < base && !base.is_negative()) {
    uint64_t exponent = 0;
    for (Word power(1); !(divide(most, base).quotient < power); power = power * base) {
      ++exponent;
    }
    b_.panic_if(b_.gt(y, b_.constant(exponent)), kOverflow);
    return b_.emit(Op::Exp, {x, y});
  }
  if (b_.is_constant(y) && b_.number(y) == Word(2)) {
    IrInst square = inst;
    square.op = IrOp::Mul;
    return lower_mul(square, x, x);
  }
  if (is_signed(inst.type)) {
    return b_.call(helper(Helper::PowSigned, 0), {x, y, b_.constant(smallest(inst.type)), b_.constant(most)})[0];
  }
  return b_.call(helper(Helper::PowUnsigned, 0), {x, y, b_.constant(most)})[0];
}

/// By squaring. When a square overflows while bits of the exponent are left, so does the power.
void Lowering::build_pow(bool has_sign) {
  if (has_sign) {
    const ValueId x = b_.param(0), y = b_.param(1), least = b_.param(2), most = b_.param(3);
    const ValueId is_negative = b_.emit(Op::Slt, {x, b_.constant(0)});
    const ValueId magnitude = b_.select(is_negative, b_.sub(b_.constant(0), x), x);
    const ValueId changes = b_.bit_and(is_negative, y);  // the lowest bit of both
    const ValueId limit = b_.select(changes, b_.sub(b_.constant(0), least), most);
    const ValueId power = b_.call(helper(Helper::PowUnsigned, 0), {magnitude, y, limit})[0];
    const ValueId result[] = {b_.select(changes, b_.sub(b_.constant(0), power), power)};
    b_.ret(result);
    return;
  }
  const ValueId limit = b_.param(2);
  const auto times = [&](ValueId a, ValueId b) {
    const ValueId product = b_.mul(a, b);
    const ValueId is_right = b_.bit_or(b_.is_zero(a), b_.eq(b_.emit(Op::Div, {product, a}), b));
    b_.panic_if(b_.bit_or(b_.is_zero(is_right), b_.gt(product, limit)), kOverflow);
    return product;
  };
  const Values last = b_.loop(
      {b_.param(0), b_.param(1), b_.constant(1)}, [&](const Values& v) { return b_.gt(v[1], b_.constant(1)); },
      [&](const Values& v) {
        const ValueId power = b_.if_else(b_.bit_and(v[1], b_.constant(1)), [&] { return Values{times(v[2], v[0])}; }, [&] { return Values{v[2]}; })[0];
        return Values{times(v[0], v[0]), b_.shr(1, v[1]), power};
      });
  const ValueId result[] = {b_.if_else(last[1], [&] { return Values{times(last[2], last[0])}; }, [&] { return Values{last[2]}; })[0]};
  b_.ret(result);
}

ValueId Lowering::lower_compare(const IrInst& inst, ValueId x, ValueId y) {
  const bool has_sign = is_signed(ir_type(inst.a));
  const Op less = has_sign ? Op::Slt : Op::Lt, more = has_sign ? Op::Sgt : Op::Gt;
  switch (inst.op) {
    case IrOp::Eq: return b_.eq(x, y);
    case IrOp::Ne: return b_.is_zero(b_.eq(x, y));
    case IrOp::Lt: return b_.emit(less, {x, y});
    case IrOp::Gt: return b_.emit(more, {x, y});
    case IrOp::Le: return b_.is_zero(b_.emit(more, {x, y}));
    default: return b_.is_zero(b_.emit(less, {x, y}));
  }
}

/// Keeps the value when it fits, else its lowest bits.
ValueId Lowering::lower_cast(ValueId x, Type from, Type to) {
  const bool fits = is_signed(from) == is_signed(to) ? bit_width(from) <= bit_width(to) : !is_signed(from) && bit_width(from) < bit_width(to);
  return fits ? x : wrap(x, to);
}

bool Lowering::lower_arithmetic(ir::ValueId id, const IrInst& inst) {
  if (inst.op == IrOp::AddMod || inst.op == IrOp::MulMod) {
    const ValueId modulus = value(inst.c);
    b_.panic_if(b_.is_zero(modulus), kDivisionByZero);
    values_[id] = b_.emit(inst.op == IrOp::AddMod ? Op::Addmod : Op::Mulmod, {value(inst.a), value(inst.b), modulus});
    return true;
  }
  if (inst.op < IrOp::Add || inst.op > IrOp::Bitcast) {
    return false;
  }
  if (ir::is_float(inst.type) || ir::is_float(ir_type(inst.a))) {
    refuse("floating point");
    values_[id] = b_.constant(0);
    return true;
  }
  const ValueId x = value(inst.a);
  const bool is_binary =
      inst.op != IrOp::Neg && inst.op != IrOp::Not && inst.op != IrOp::Abs && inst.op != IrOp::Cast && inst.op != IrOp::Bitcast && inst.op != IrOp::Sqrt;
  const ValueId y = is_binary ? value(inst.b) : kNone;
  const Type type = inst.type;
  const Op less = is_signed(type) ? Op::Slt : Op::Lt;
  ValueId& result = values_[id];
  switch (inst.op) {
    case IrOp::Add: result = lower_add(inst, x, y); break;
    case IrOp::Sub: result = lower_sub(inst, x, y); break;
    case IrOp::Mul: result = lower_mul(inst, x, y); break;
    case IrOp::Div:
    case IrOp::Mod: result = lower_div(inst, x, y); break;
    case IrOp::Pow: result = lower_pow(inst, x, y); break;
    case IrOp::Neg:
      if (is_checked(inst)) {
        b_.panic_if(is_signed(type) ? b_.eq(x, b_.constant(smallest(type))) : x, kOverflow);
      }
      result = wrap(b_.sub(b_.constant(0), x), type);
      break;
    case IrOp::Abs:
      if (is_checked(inst)) {
        b_.panic_if(b_.eq(x, b_.constant(smallest(type))), kOverflow);
      }
      result = is_signed(type) ? wrap(b_.select(b_.emit(Op::Slt, {x, b_.constant(0)}), b_.sub(b_.constant(0), x), x), type) : x;
      break;
    case IrOp::Not: result = type == Type::U1 ? b_.is_zero(x) : wrap(b_.emit(Op::Not, {x}), type); break;
    case IrOp::And: result = b_.bit_and(x, y); break;
    case IrOp::Or: result = b_.bit_or(x, y); break;
    case IrOp::Xor: result = b_.bit_xor(x, y); break;
    case IrOp::Shl: result = wrap(b_.emit(Op::Shl, {y, x}), type); break;
    case IrOp::Shr: result = b_.emit(is_signed(type) ? Op::Sar : Op::Shr, {y, x}); break;
    case IrOp::Min: result = b_.select(b_.emit(less, {x, y}), x, y); break;
    case IrOp::Max: result = b_.select(b_.emit(less, {x, y}), y, x); break;
    case IrOp::Select: result = b_.select(x, y, value(inst.c)); break;
    case IrOp::Cast:
      if (is_checked(inst)) {
        refuse("a checked cast");
      }
      result = lower_cast(x, ir_type(inst.a), type);
      break;
    case IrOp::Bitcast: result = type == Type::Ref ? x : wrap(x, type); break;
    case IrOp::Sqrt:
      refuse("`sqrt`");
      result = x;
      break;
    default: result = lower_compare(inst, x, y); break;
  }
  return true;
}

}  // namespace omega::codegen::evm
