// SPDX-License-Identifier: Apache-2.0
// Integers of all widths in u256: unsigned ones as they are, signed ones as two's complement of 256 bits.
#include "omega/codegen/move/abort_codes.h"
#include "omega/codegen/move/support.h"

namespace omega::codegen::move {

namespace {

using Label = CodeWriter::Label;

constexpr Limbs kMax = ones(256);
constexpr Limbs kSign = bit(255);

/// `add_s64_checked`.
std::string key_of(std::string_view operation, ir::Type type, bool checked) {
  return std::string(operation) + (ir::is_signed(type) ? "_s" : "_u") + std::to_string(ir::bit_width(type)) + (checked ? "_checked" : "");
}

/// Aborts with the code when the bool on the stack is true.
void abort_when(CodeWriter& code, uint64_t abort_code) {
  const Label good = code.label();
  code.branch_unless(good).abort(abort_code).bind(good);
}

/// Aborts when the second parameter is zero.
void check_divisor(CodeWriter& code) {
  code.copy(1).u256(0).op(Opcode::Eq);
  abort_when(code, kDivisionPanic);
}

}  // namespace

uint32_t Support::wrap_add() {
  return define("wrap_add", {word, word}, {word}, [&](CodeWriter& code) {
    const Label over = code.label();
    code.copy(1).copy(0).u256(kMax).op(Opcode::Xor).op(Opcode::Gt).branch_if(over);
    code.copy(0).copy(1).op(Opcode::Add).op(Opcode::Ret);
    code.bind(over).copy(1).copy(0).u256(kMax).op(Opcode::Xor).op(Opcode::Sub).u256(1).op(Opcode::Sub).op(Opcode::Ret);
  });
}

uint32_t Support::wrap_subtract() {
  return define("wrap_sub", {word, word}, {word}, [&](CodeWriter& code) {
    const Label under = code.label();
    code.copy(0).copy(1).op(Opcode::Lt).branch_if(under);
    code.copy(0).copy(1).op(Opcode::Sub).op(Opcode::Ret);
    code.bind(under).copy(1).copy(0).op(Opcode::Sub).u256(kMax).op(Opcode::Xor).u256(1).op(Opcode::Add).op(Opcode::Ret);
  });
}

uint32_t Support::wrap_negate() {
  return define("wrap_neg", {word}, {word}, [&](CodeWriter& code) { code.u256(0).copy(0).call(wrap_subtract()).op(Opcode::Ret); });
}

/// By halves: low * low + (low * high + high * low) * 2^128, of which the products with a high half count modulo 2^128.
uint32_t Support::wrap_multiply() {
  return define("wrap_mul", {word, word}, {word}, [&](CodeWriter& code) {
    const auto low = [&](uint32_t local) { code.copy(local).u256(ones(128)).op(Opcode::BitAnd); };
    const auto high = [&](uint32_t local) { code.copy(local).u8(128).op(Opcode::Shr); };
    low(0);
    low(1);
    code.op(Opcode::Mul);
    low(0);
    high(1);
    code.op(Opcode::Mul).u256(ones(128)).op(Opcode::BitAnd);
    high(0);
    low(1);
    code.op(Opcode::Mul).u256(ones(128)).op(Opcode::BitAnd);
    code.op(Opcode::Add).u8(128).op(Opcode::Shl).call(wrap_add()).op(Opcode::Ret);
  });
}

uint32_t Support::magnitude() {
  return define("magnitude", {word}, {word}, [&](CodeWriter& code) {
    const Label negative = code.label();
    code.copy(0).u256(kSign).op(Opcode::Ge).branch_if(negative).copy(0).op(Opcode::Ret);
    code.bind(negative).copy(0).call(wrap_negate()).op(Opcode::Ret);
  });
}

uint32_t Support::sign_extended(uint32_t bits) {
  return define("sign_extended_" + std::to_string(bits), {word}, {word}, [&](CodeWriter& code) {
    const Label negative = code.label();
    code.copy(0).u256(ones(bits)).op(Opcode::BitAnd).store(0);
    code.copy(0).u256(bit(bits - 1)).op(Opcode::Ge).branch_if(negative).copy(0).op(Opcode::Ret);
    code.bind(negative).copy(0).u256(complement(ones(bits))).op(Opcode::BitOr).op(Opcode::Ret);
  });
}

uint32_t Support::check_at_most(const Limbs& limit, uint64_t abort_code) {
  std::string key = "at_most";
  for (const uint64_t limb : limit) {
    key += "_" + std::to_string(limb);
  }
  return define(key + "_or_" + std::to_string(abort_code), {word}, {word}, [&](CodeWriter& code) {
    code.copy(0).u256(limit).op(Opcode::Gt);
    abort_when(code, abort_code);
    code.copy(0).op(Opcode::Ret);
  });
}

uint32_t Support::check_signed(uint32_t bits, uint64_t abort_code) {
  return define("signed_" + std::to_string(bits) + "_or_" + std::to_string(abort_code), {word}, {word}, [&](CodeWriter& code) {
    const Label good = code.label();
    code.copy(0).u256(bit(bits - 1)).op(Opcode::Lt).branch_if(good);
    code.copy(0).u256(complement(ones(bits - 1))).op(Opcode::Ge).branch_if(good).abort(abort_code);
    code.bind(good).copy(0).op(Opcode::Ret);
  });
}

void Support::cut(CodeWriter& code, ir::Type type) {
  const uint32_t bits = ir::bit_width(type);
  if (bits == 256) {
    return;
  }
  if (ir::is_signed(type)) {
    code.call(sign_extended(bits));
  } else {
    code.u256(ones(bits)).op(Opcode::BitAnd);
  }
}

uint32_t Support::add(ir::Type type, bool checked) {
  const uint32_t bits = ir::bit_width(type);
  if (!checked && bits == 256) {
    return wrap_add();
  }
  return define(key_of("add", type, checked), {word, word}, {word}, [&](CodeWriter& code) {
    if (!checked) {
      code.copy(0).copy(1).call(wrap_add());
      cut(code, type);
    } else if (bits < 256 && ir::is_signed(type)) {
      code.copy(0).copy(1).call(wrap_add()).call(check_signed(bits, kOverflowPanic));
    } else if (bits < 256) {
      code.copy(0).copy(1).op(Opcode::Add).store(0).copy(0).u256(ones(bits)).op(Opcode::Gt);
      abort_when(code, kOverflowPanic);
      code.copy(0);
    } else if (!ir::is_signed(type)) {
      code.copy(1).copy(0).u256(kMax).op(Opcode::Xor).op(Opcode::Gt);
      abort_when(code, kOverflowPanic);
      code.copy(0).copy(1).op(Opcode::Add);
    } else {
      const uint32_t sum = code.local(word);
      code.copy(0).copy(1).call(wrap_add()).store(sum);
      code.copy(0).copy(sum).op(Opcode::Xor).copy(1).copy(sum).op(Opcode::Xor).op(Opcode::BitAnd).u256(kSign).op(Opcode::Ge);
      abort_when(code, kOverflowPanic);
      code.copy(sum);
    }
    code.op(Opcode::Ret);
  });
}

uint32_t Support::subtract(ir::Type type, bool checked) {
  const uint32_t bits = ir::bit_width(type);
  if (!checked && bits == 256) {
    return wrap_subtract();
  }
  // Unsigned numbers of all widths share one: a difference is never larger than what it is taken from.
  return define(checked && !ir::is_signed(type) ? "sub_unsigned_checked" : key_of("sub", type, checked), {word, word}, {word}, [&](CodeWriter& code) {
    if (!checked) {
      code.copy(0).copy(1).call(wrap_subtract());
      cut(code, type);
    } else if (!ir::is_signed(type)) {
      code.copy(1).copy(0).op(Opcode::Gt);
      abort_when(code, kOverflowPanic);
      code.copy(0).copy(1).op(Opcode::Sub);
    } else if (bits < 256) {
      code.copy(0).copy(1).call(wrap_subtract()).call(check_signed(bits, kOverflowPanic));
    } else {
      const uint32_t difference = code.local(word);
      code.copy(0).copy(1).call(wrap_subtract()).store(difference);
      code.copy(0).copy(1).op(Opcode::Xor).copy(0).copy(difference).op(Opcode::Xor).op(Opcode::BitAnd).u256(kSign).op(Opcode::Ge);
      abort_when(code, kOverflowPanic);
      code.copy(difference);
    }
    code.op(Opcode::Ret);
  });
}

uint32_t Support::multiply(ir::Type type, bool checked) {
  const uint32_t bits = ir::bit_width(type);
  if (!checked && bits == 256) {
    return wrap_multiply();
  }
  return define(key_of("mul", type, checked), {word, word}, {word}, [&](CodeWriter& code) {
    if (!checked) {
      code.copy(0).copy(1).call(wrap_multiply());
      cut(code, type);
    } else if (ir::is_signed(type) && bits <= 128) {
      code.copy(0).copy(1).call(wrap_multiply()).call(check_signed(bits, kOverflowPanic));
    } else if (!ir::is_signed(type)) {
      const Label simple = code.label();
      if (bits > 128) {
        code.copy(0).u256(0).op(Opcode::Eq).branch_if(simple);
        code.copy(1).u256(ones(bits)).copy(0).op(Opcode::Div).op(Opcode::Gt);
        abort_when(code, kOverflowPanic);
        code.branch(simple);
      }
      code.bind(simple).copy(0).copy(1).op(Opcode::Mul);
      if (bits <= 128) {
        code.call(check_at_most(ones(bits), kOverflowPanic));
      }
    } else {
      // The limit of the product's magnitude is one more when it is negative.
      const uint32_t negative = code.local(boolean);
      const uint32_t limit = code.local(word);
      const Label is_negative = code.label();
      const Label multiply = code.label();
      const Label negate = code.label();
      code.copy(0).copy(1).op(Opcode::Xor).u256(kSign).op(Opcode::Ge).store(negative);
      code.u256(ones(bits - 1)).store(limit).copy(negative).branch_if(is_negative).branch(multiply);
      code.bind(is_negative).u256(bit(bits - 1)).store(limit).branch(multiply);
      code.bind(multiply).copy(0).call(magnitude()).store(0).copy(1).call(magnitude()).store(1);
      const Label fits = code.label();
      code.copy(0).u256(0).op(Opcode::Eq).branch_if(fits);
      code.copy(1).copy(limit).copy(0).op(Opcode::Div).op(Opcode::Gt);
      abort_when(code, kOverflowPanic);
      code.branch(fits).bind(fits).copy(0).copy(1).op(Opcode::Mul).store(0);
      code.copy(negative).branch_if(negate).copy(0).op(Opcode::Ret);
      code.bind(negate).copy(0).call(wrap_negate());
    }
    code.op(Opcode::Ret);
  });
}

uint32_t Support::divide(ir::Type type, bool checked) {
  const bool is_signed = ir::is_signed(type);
  return define(is_signed ? key_of("div", type, checked) : "div_unsigned", {word, word}, {word}, [&](CodeWriter& code) {
    check_divisor(code);
    if (!is_signed) {
      code.copy(0).copy(1).op(Opcode::Div).op(Opcode::Ret);
      return;
    }
    const uint32_t bits = ir::bit_width(type);
    const uint32_t quotient = code.local(word);
    const Label negative = code.label();
    code.copy(0).call(magnitude()).copy(1).call(magnitude()).op(Opcode::Div).store(quotient);
    code.copy(0).copy(1).op(Opcode::Xor).u256(kSign).op(Opcode::Ge).branch_if(negative);
    code.copy(quotient);
    if (checked) {
      code.call(check_at_most(ones(bits - 1), kOverflowPanic));
    } else {
      cut(code, type);
    }
    code.op(Opcode::Ret).bind(negative).copy(quotient).call(wrap_negate()).op(Opcode::Ret);
  });
}

uint32_t Support::modulo(ir::Type type) {
  const bool is_signed = ir::is_signed(type);
  return define(is_signed ? "mod_signed" : "mod_unsigned", {word, word}, {word}, [&](CodeWriter& code) {
    check_divisor(code);
    if (!is_signed) {
      code.copy(0).copy(1).op(Opcode::Mod).op(Opcode::Ret);
      return;
    }
    const uint32_t rest = code.local(word);
    const Label negative = code.label();
    code.copy(0).call(magnitude()).copy(1).call(magnitude()).op(Opcode::Mod).store(rest);
    code.copy(0).u256(kSign).op(Opcode::Ge).branch_if(negative).copy(rest).op(Opcode::Ret);
    code.bind(negative).copy(rest).call(wrap_negate()).op(Opcode::Ret);
  });
}

uint32_t Support::power(ir::Type type, bool checked) {
  return define(key_of("pow", type, checked), {word, word}, {word}, [&](CodeWriter& code) {
    const uint32_t result = code.local(word);
    const Label loop = code.label();
    const Label square = code.label();
    const Label done = code.label();
    code.u256(1).store(result).branch(loop);
    code.bind(loop).copy(1).u256(0).op(Opcode::Eq).branch_if(done);
    code.copy(1).u256(1).op(Opcode::BitAnd).u256(0).op(Opcode::Eq).branch_if(square);
    code.copy(result).copy(0).call(multiply(type, checked)).store(result).branch(square);
    // The base is squared only when its square is used, so that nothing overflows that does not count.
    code.bind(square).copy(1).u8(1).op(Opcode::Shr).store(1).copy(1).u256(0).op(Opcode::Eq).branch_if(done);
    code.copy(0).copy(0).call(multiply(type, checked)).store(0).branch(loop);
    code.bind(done).copy(result).op(Opcode::Ret);
  });
}

uint32_t Support::negate(ir::Type type, bool checked) {
  return define(key_of("neg", type, checked), {word}, {word}, [&](CodeWriter& code) {
    if (checked) {
      // Of signed numbers the smallest has no negative, of unsigned ones only zero has.
      if (ir::is_signed(type)) {
        code.copy(0).u256(complement(ones(ir::bit_width(type) - 1))).op(Opcode::Eq);
      } else {
        code.copy(0).u256(0).op(Opcode::Neq);
      }
      abort_when(code, kOverflowPanic);
    }
    code.copy(0).call(wrap_negate());
    cut(code, type);
    code.op(Opcode::Ret);
  });
}

uint32_t Support::absolute(ir::Type type, bool checked) {
  return define(key_of("abs", type, checked), {word}, {word}, [&](CodeWriter& code) {
    if (!ir::is_signed(type)) {
      code.copy(0).op(Opcode::Ret);
      return;
    }
    const Label negative = code.label();
    code.copy(0).u256(kSign).op(Opcode::Ge).branch_if(negative).copy(0).op(Opcode::Ret);
    code.bind(negative).copy(0).call(negate(type, checked)).op(Opcode::Ret);
  });
}

uint32_t Support::shift_left(ir::Type type) {
  return define(key_of("shl", type, false), {word, word}, {word}, [&](CodeWriter& code) {
    const Label all = code.label();
    code.copy(1).u256(ir::bit_width(type)).op(Opcode::Ge).branch_if(all);
    code.copy(0).copy(1).op(Opcode::CastU8).op(Opcode::Shl);
    cut(code, type);
    code.op(Opcode::Ret).bind(all).u256(0).op(Opcode::Ret);
  });
}

uint32_t Support::shift_right(ir::Type type) {
  const bool is_signed = ir::is_signed(type);
  return define(is_signed ? "shr_signed" : "shr_unsigned", {word, word}, {word}, [&](CodeWriter& code) {
    const Label all = code.label();
    const Label negative = code.label();
    const Label all_of_negative = code.label();
    if (is_signed) {
      code.copy(0).u256(kSign).op(Opcode::Ge).branch_if(negative);
    }
    code.copy(1).u256(255).op(Opcode::Gt).branch_if(all);
    code.copy(0).copy(1).op(Opcode::CastU8).op(Opcode::Shr).op(Opcode::Ret);
    code.bind(all).u256(0).op(Opcode::Ret);
    if (is_signed) {
      code.bind(negative).copy(1).u256(255).op(Opcode::Gt).branch_if(all_of_negative);
      code.copy(0).u256(kMax).op(Opcode::Xor).copy(1).op(Opcode::CastU8).op(Opcode::Shr).u256(kMax).op(Opcode::Xor).op(Opcode::Ret);
      code.bind(all_of_negative).u256(kMax).op(Opcode::Ret);
    }
  });
}

uint32_t Support::smaller(ir::Type type, bool larger) {
  const bool is_signed = ir::is_signed(type);
  return define(std::string(larger ? "max" : "min") + (is_signed ? "_signed" : "_unsigned"), {word, word}, {word}, [&](CodeWriter& code) {
    const Label second = code.label();
    for (const uint32_t local : {0u, 1u}) {
      code.copy(local);
      if (is_signed) {
        code.u256(kSign).op(Opcode::Xor);
      }
    }
    code.op(larger ? Opcode::Lt : Opcode::Gt).branch_if(second).copy(0).op(Opcode::Ret).bind(second).copy(1).op(Opcode::Ret);
  });
}

uint32_t Support::from_boolean() {
  return define("from_bool", {boolean}, {word}, [&](CodeWriter& code) {
    const Label yes = code.label();
    code.copy(0).branch_if(yes).u256(0).op(Opcode::Ret).bind(yes).u256(1).op(Opcode::Ret);
  });
}

uint32_t Support::select(bool of_booleans) {
  const Type& type = of_booleans ? boolean : word;
  return define(of_booleans ? "select_bool" : "select", {boolean, type, type}, {type}, [&](CodeWriter& code) {
    const Label first = code.label();
    code.copy(0).branch_if(first).copy(2).op(Opcode::Ret).bind(first).copy(1).op(Opcode::Ret);
  });
}

uint32_t Support::assert_code() {
  return define("assert", {boolean, number}, {}, [&](CodeWriter& code) {
    const Label good = code.label();
    code.copy(0).branch_if(good).copy(1).op(Opcode::Abort).bind(good).op(Opcode::Ret);
  });
}

uint32_t Support::add_modulo() {
  return define("addmod", {word, word, word}, {word}, [&](CodeWriter& code) {
    const Label over = code.label();
    code.copy(2).u256(0).op(Opcode::Eq);
    abort_when(code, kDivisionPanic);
    code.copy(0).copy(2).op(Opcode::Mod).store(0).copy(1).copy(2).op(Opcode::Mod).store(1);
    // How much is left up to the modulus decides, so that nothing overflows.
    code.copy(2).copy(1).op(Opcode::Sub).store(2).copy(0).copy(2).op(Opcode::Ge).branch_if(over);
    code.copy(0).copy(1).op(Opcode::Add).op(Opcode::Ret).bind(over).copy(0).copy(2).op(Opcode::Sub).op(Opcode::Ret);
  });
}

/// By one multiplication when the product fits, else by doubling and adding.
uint32_t Support::multiply_modulo() {
  return define("mulmod", {word, word, word}, {word}, [&](CodeWriter& code) {
    const uint32_t result = code.local(word);
    const Label fits = code.label();
    const Label loop = code.label();
    const Label twice = code.label();
    const Label done = code.label();
    code.copy(2).u256(0).op(Opcode::Eq);
    abort_when(code, kDivisionPanic);
    code.copy(0).u256(0).op(Opcode::Eq).branch_if(fits);
    code.copy(1).u256(kMax).copy(0).op(Opcode::Div).op(Opcode::Le).branch_if(fits);
    code.u256(0).store(result).branch(loop);
    code.bind(loop).copy(1).u256(0).op(Opcode::Eq).branch_if(done);
    code.copy(1).u256(1).op(Opcode::BitAnd).u256(0).op(Opcode::Eq).branch_if(twice);
    code.copy(result).copy(0).copy(2).call(add_modulo()).store(result).branch(twice);
    code.bind(twice).copy(0).copy(0).copy(2).call(add_modulo()).store(0).copy(1).u8(1).op(Opcode::Shr).store(1).branch(loop);
    code.bind(fits).copy(0).copy(1).op(Opcode::Mul).copy(2).op(Opcode::Mod).op(Opcode::Ret);
    code.bind(done).copy(result).op(Opcode::Ret);
  });
}

/// Halves change places, then their halves, down to bytes.
uint32_t Support::swap_bytes() {
  return define("swap_bytes", {word}, {word}, [&](CodeWriter& code) {
    static constexpr uint64_t kMasks[] = {0x00ff'00ff'00ff'00ff, 0x0000'ffff'0000'ffff, 0x0000'0000'ffff'ffff};
    for (uint32_t step = 0; step < 5; ++step) {
      const auto shift = static_cast<uint8_t>(8u << step);
      const Limbs mask = step < 3    ? Limbs{kMasks[step], kMasks[step], kMasks[step], kMasks[step]}
                         : step == 3 ? Limbs{~uint64_t{0}, 0, ~uint64_t{0}, 0}
                                     : ones(128);
      code.copy(0).u256(mask).op(Opcode::BitAnd).u8(shift).op(Opcode::Shl);
      code.copy(0).u8(shift).op(Opcode::Shr).u256(mask).op(Opcode::BitAnd).op(Opcode::BitOr).store(0);
    }
    code.copy(0).op(Opcode::Ret);
  });
}

}  // namespace omega::codegen::move
