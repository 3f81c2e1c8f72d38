// SPDX-License-Identifier: Apache-2.0
// Builder's arithmetic: constants, identities, and how many bits a value has at most.
#include <algorithm>

#include "omega/base/keccak.h"
#include "omega/codegen/evm/builder.h"

namespace omega::codegen::evm {

namespace {

Word hash_of(std::initializer_list<Word> words) {
  std::string bytes;
  for (const Word& word : words) {
    for (uint32_t i = 32; i-- > 0;) {
      bytes.push_back(static_cast<char>(word.byte(i)));
    }
  }
  const base::Keccak256Digest digest = base::keccak256(bytes);
  return Word::from_bytes(digest.data(), digest.size());
}

Word fold_two(Op op, const Word& x, const Word& y) {
  const auto flag = [](bool value) { return Word(value ? 1 : 0); };
  switch (op) {
    case Op::Add: return x + y;
    case Op::Sub: return x - y;
    case Op::Mul: return x * y;
    case Op::Div: return divide(x, y).quotient;
    case Op::Mod: return divide(x, y).remainder;
    case Op::Exp: return power(x, y);
    case Op::Signextend: return sign_extend(x, y);
    case Op::Lt: return flag(x < y);
    case Op::Gt: return flag(y < x);
    case Op::Slt: return flag(less_signed(x, y));
    case Op::Sgt: return flag(less_signed(y, x));
    case Op::Eq: return flag(x == y);
    case Op::And: return x & y;
    case Op::Or: return x | y;
    case Op::Xor: return x ^ y;
    case Op::Byte: return x.fits_u64() && x.limbs[0] < 32 ? Word(y.byte(31 - static_cast<uint32_t>(x.limbs[0]))) : Word(0);
    case Op::Shl: return shift_left(y, x);
    case Op::Shr: return shift_right(y, x);
    default: return shift_right_signed(y, x);
  }
}

bool folds(Op op) { return (op >= Op::Add && op <= Op::Mod && op != Op::Sdiv) || op == Op::Exp || op == Op::Signextend || (op >= Op::Lt && op <= Op::Sar); }

}  // namespace

uint32_t Builder::bits_of(Op op, std::span<const ValueId> operands, uint32_t a) const {
  const auto bits = [&](uint32_t i) { return static_cast<uint32_t>(bits_[operands[i]]); };
  switch (op) {
    case Op::Const: return program_.constants[a].bit_length();
    case Op::Lt:
    case Op::Gt:
    case Op::Slt:
    case Op::Sgt:
    case Op::Eq:
    case Op::Iszero:
    case Op::Call:
    case Op::StaticCall:
    case Op::DelegateCall: return 1;
    case Op::Address:
    case Op::Origin:
    case Op::Caller:
    case Op::Coinbase: return 160;
    case Op::CalldataSize:
    case Op::CodeSize:
    case Op::ExtcodeSize:
    case Op::ReturndataSize:
    case Op::Timestamp:
    case Op::Number:
    case Op::GasLimit:
    case Op::Gas: return 64;
    case Op::Byte: return 8;
    case Op::And: return std::min(bits(0), bits(1));
    case Op::Or:
    case Op::Xor: return std::max(bits(0), bits(1));
    case Op::Add: return std::min(256u, std::max(bits(0), bits(1)) + 1);
    case Op::Mul: return std::min(256u, bits(0) + bits(1));
    case Op::Div: return bits(0);
    case Op::Mod: return std::min(bits(0), bits(1));
    case Op::Shr:
      if (is_constant(operands[0])) {
        const Word& amount = number(operands[0]);
        return amount.fits_u64() && amount.limbs[0] < bits(1) ? bits(1) - static_cast<uint32_t>(amount.limbs[0]) : 0;
      }
      return bits(1);
    case Op::Shl:
      if (is_constant(operands[0])) {
        const Word& amount = number(operands[0]);
        return amount.fits_u64() && amount.limbs[0] < 256 ? std::min(256u, bits(1) + static_cast<uint32_t>(amount.limbs[0])) : 0;
      }
      return 256;
    default: return 256;
  }
}

ValueId Builder::fold(Op op, std::span<const ValueId> operands) {
  if (const ValueId folded = fold_constants(op, operands); folded != kNone) {
    return folded;
  }
  if (operands.size() == 1) {
    return fold_unary(op, operands[0]);
  }
  return operands.size() == 2 ? fold_binary(op, operands[0], operands[1]) : kNone;
}

ValueId Builder::fold_constants(Op op, std::span<const ValueId> operands) {
  if (operands.empty() || !std::ranges::all_of(operands, [&](ValueId value) { return is_constant(value); })) {
    return kNone;
  }
  switch (op) {
    case Op::Iszero: return constant(number(operands[0]).is_zero() ? 1 : 0);
    case Op::Not: return constant(~number(operands[0]));
    case Op::HashWord: return constant(hash_of({number(operands[0])}));
    case Op::HashPair: return constant(hash_of({number(operands[0]), number(operands[1])}));
    default: return operands.size() == 2 && folds(op) ? constant(fold_two(op, number(operands[0]), number(operands[1]))) : kNone;
  }
}

ValueId Builder::fold_unary(Op op, ValueId x) {
  const Inst& i = inst(x);
  if (op == Op::Not && i.op == Op::Not) {
    return operand(x, 0);
  }
  if (op != Op::Iszero) {
    return kNone;
  }
  if (i.op == Op::Iszero && max_bits(operand(x, 0)) <= 1) {
    return operand(x, 0);
  }
  if (i.op == Op::Sub || i.op == Op::Xor) {
    return eq(operand(x, 0), operand(x, 1));
  }
  return kNone;
}

ValueId Builder::fold_shift(Op op, ValueId amount, ValueId x) {
  if (!is_constant(amount)) {
    return is_number(x, 0) ? x : kNone;
  }
  const Word& n = number(amount);
  if (n.is_zero()) {
    return x;
  }
  if (op != Op::Sar && (!n.fits_u64() || n.limbs[0] > 255)) {
    return constant(0);
  }
  if (op == Op::Shr && n.limbs[0] >= max_bits(x)) {
    return constant(0);
  }
  const Inst& i = inst(x);
  if (op != Op::Sar && i.op == op && is_constant(operand(x, 0))) {
    const Word sum = n + number(operand(x, 0));
    return emit(op, {constant(sum), operand(x, 1)});
  }
  // What was shifted out of neither end comes back.
  if (op == Op::Shr && i.op == Op::Shl && is_constant(operand(x, 0)) && number(operand(x, 0)) == n && max_bits(operand(x, 1)) + n.limbs[0] <= 256) {
    return operand(x, 1);
  }
  return kNone;
}

ValueId Builder::fold_binary(Op op, ValueId x, ValueId y) {
  if (op == Op::Shl || op == Op::Shr || op == Op::Sar) {
    return fold_shift(op, x, y);
  }
  if (op == Op::Signextend) {
    return is_constant(x) && number(x).fits_u64() && number(x).limbs[0] < 31 && max_bits(y) <= 8 * number(x).limbs[0] + 7 ? y : kNone;
  }
  if (x == y) {
    switch (op) {
      case Op::Sub:
      case Op::Xor:
      case Op::Lt:
      case Op::Gt:
      case Op::Slt:
      case Op::Sgt: return constant(0);
      case Op::Eq: return constant(1);
      case Op::And:
      case Op::Or: return x;
      default: return kNone;
    }
  }
  if (is_constant(x) && exchanged(op) != Op::Stop) {
    return emit(exchanged(op), {y, x});
  }
  if (is_constant(y)) {
    const Word c = number(y);
    return fold_with_constant(op, x, c);
  }
  if (is_constant(x) && number(x).is_zero() && (op == Op::Div || op == Op::Sdiv || op == Op::Mod || op == Op::Smod)) {
    return x;
  }
  return kNone;
}

ValueId Builder::fold_with_constant(Op op, ValueId x, const Word& c) {
  const bool is_power = c.bit_length() != 0 && c.trailing_zeros() + 1 == c.bit_length();
  const Inst& i = inst(x);
  const bool nests = i.op == op && i.count == 2 && is_constant(operand(x, 1));
  switch (op) {
    case Op::Add:
      if (c.is_zero()) {
        return x;
      }
      return nests ? emit(op, {operand(x, 0), constant(number(operand(x, 1)) + c)}) : kNone;
    case Op::Sub: return c.is_zero() ? x : kNone;
    case Op::Mul:
      if (c.is_zero()) {
        return constant(0);
      }
      return is_power ? shl(c.trailing_zeros(), x) : kNone;
    case Op::Div: return c.is_zero() ? constant(0) : is_power ? shr(c.trailing_zeros(), x) : kNone;
    case Op::Mod: return c.is_zero() ? constant(0) : is_power ? bit_and(x, constant(c - Word(1))) : kNone;
    case Op::And:
      if (c.is_zero()) {
        return constant(0);
      }
      // A mask of what can be set at most.
      if ((c & Word::ones(max_bits(x))) == Word::ones(max_bits(x))) {
        return x;
      }
      return nests ? emit(op, {operand(x, 0), constant(number(operand(x, 1)) & c)}) : kNone;
    case Op::Or:
    case Op::Xor: return c.is_zero() ? x : kNone;
    case Op::Eq:
      if (c.is_zero()) {
        return is_zero(x);
      }
      return c.bit_length() > max_bits(x) ? constant(0) : kNone;
    case Op::Gt:
      if (c.is_zero()) {
        return is_zero(is_zero(x));
      }
      return !(c < Word::ones(max_bits(x))) ? constant(0) : kNone;
    case Op::Lt: return c.is_zero() ? constant(0) : c == Word(1) ? is_zero(x) : kNone;
    default: return kNone;
  }
}

/// c * (x ^ y) ^ y
ValueId Builder::select(ValueId c, ValueId x, ValueId y) {
  if (is_constant(c)) {
    return number(c).is_zero() ? y : x;
  }
  return x == y ? x : bit_xor(mul(bit_xor(x, y), c), y);
}

ValueId Builder::round_up(ValueId x) { return bit_and(plus(x, 31), emit(Op::Not, {constant(31)})); }

}  // namespace omega::codegen::evm
