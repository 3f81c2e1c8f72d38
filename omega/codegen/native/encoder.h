// SPDX-License-Identifier: Apache-2.0
// The x86-64 encoder: one inline function per instruction form, writing at a cursor whose room the caller has reserved.
#pragma once

#include <cstdint>
#include <cstring>

#include "omega/base/check.h"
#include "omega/codegen/native/registers.h"

namespace omega::codegen::native {

/// A memory operand: base + index << scale + displacement. Without a base the displacement is an absolute address below 2 GiB.
struct Mem {
  Gpr base = Gpr::none;
  Gpr index = Gpr::none;  ///< never rsp
  uint8_t scale = 0;      ///< 0..3
  int32_t displacement = 0;
};

/// The two-operand arithmetic group, by its number in the encoding.
enum class Alu : uint8_t { add, or_, adc, sbb, and_, sub, xor_, cmp };
/// The shift group.
enum class Shift : uint8_t { rol = 0, ror = 1, shl = 4, shr = 5, sar = 7 };
/// The one-operand group F6/F7.
enum class Unary : uint8_t { not_ = 2, neg = 3, mul = 4, imul = 5, div = 6, idiv = 7 };
/// Scalar floating operations, by opcode.
enum class Fp : uint8_t {
  sqrt = 0x51,
  and_ = 0x54,
  andn = 0x55,
  or_ = 0x56,
  xor_ = 0x57,
  add = 0x58,
  mul = 0x59,
  sub = 0x5c,
  min = 0x5d,
  div = 0x5e,
  max = 0x5f
};

/// Bytes no instruction here exceeds.
inline constexpr size_t longest_instruction = 16;

/// Writes instructions at a cursor. No bounds checks: whoever sets the cursor reserves room. Not thread-safe.
class Encoder {
 public:
  uint8_t* at() const { return at_; }
  void set_at(uint8_t* at) { at_ = at; }

  // ---- moves ----
  /// mov of 32 or 64 bits; 32 clears the upper half.
  void mov(Width w, Gpr to, Gpr from) { rr(0, 0, 0x8b, w == Width::w64, number(to), number(from)); }
  void load(Width w, Gpr to, const Mem& from) { rm(0, 0, 0x8b, w == Width::w64, number(to), from); }
  /// Stores the low 8, 16, 32 or 64 bits.
  void store(Width w, const Mem& to, Gpr from) {
    if (w == Width::w8) {
      rm(0, 0, 0x88, false, number(from), to, number(from) >= 4);
    } else {
      rm(w == Width::w16 ? 0x66 : 0, 0, 0x89, w == Width::w64, number(from), to);
    }
  }
  /// Stores an immediate, sign-extended from 32 bits for 64.
  void store_imm(Width w, const Mem& to, int32_t imm) {
    rm(w == Width::w16 ? 0x66 : 0, 0, w == Width::w8 ? 0xc6 : 0xc7, w == Width::w64, 0, to);
    if (w == Width::w8) {
      put8(static_cast<uint8_t>(imm));
    } else if (w == Width::w16) {
      put16(static_cast<uint16_t>(imm));
    } else {
      put32(static_cast<uint32_t>(imm));
    }
  }
  /// The shortest instruction that makes `to` the 64-bit value. Keeps the flags.
  void mov_imm(Gpr to, uint64_t value) {
    if (value <= 0xffff'ffffu) {
      mov_imm32(to, static_cast<uint32_t>(value));
    } else if (static_cast<int64_t>(value) >= INT32_MIN && static_cast<int64_t>(value) < 0) {
      rr(0, 0, 0xc7, true, 0, number(to));
      put32(static_cast<uint32_t>(value));
    } else {
      uint8_t* q = at_;
      *q++ = static_cast<uint8_t>(0x48 | number(to) >> 3);
      *q++ = static_cast<uint8_t>(0xb8 | (number(to) & 7));
      std::memcpy(q, &value, 8);
      at_ = q + 8;
    }
  }
  /// mov r32, imm32 in full length; the immediate is the last four bytes.
  void mov_imm32(Gpr to, uint32_t value) {
    uint8_t* q = at_;
    if (number(to) >= 8) {
      *q++ = 0x41;
    }
    *q++ = static_cast<uint8_t>(0xb8 | (number(to) & 7));
    std::memcpy(q, &value, 4);
    at_ = q + 4;
  }
  void zero(Gpr r) { rr(0, 0, 0x33, false, number(r), number(r)); }
  void lea(Gpr to, const Mem& from) { rm(0, 0, 0x8d, true, number(to), from); }
  void xchg(Gpr a, Gpr b) { rr(0, 0, 0x87, true, number(a), number(b)); }
  /// Zero- or sign-extends the low 8, 16 or 32 bits to 64.
  void extend(bool sign, Width from_width, Gpr to, Gpr from) {
    if (from_width == Width::w32) {
      sign ? rr(0, 0, 0x63, true, number(to), number(from)) : mov(Width::w32, to, from);
    } else {
      const bool byte = from_width == Width::w8;
      rr(0, 0x0f, static_cast<uint8_t>((sign ? 0xbe : 0xb6) + (byte ? 0 : 1)), sign, number(to), number(from), byte && number(from) >= 4);
    }
  }
  void load_extend(bool sign, Width from_width, Gpr to, const Mem& from) {
    if (from_width == Width::w64) {
      load(Width::w64, to, from);
    } else if (from_width == Width::w32) {
      sign ? rm(0, 0, 0x63, true, number(to), from) : load(Width::w32, to, from);
    } else {
      rm(0, 0x0f, static_cast<uint8_t>((sign ? 0xbe : 0xb6) + (from_width == Width::w8 ? 0 : 1)), sign, number(to), from);
    }
  }
  void cmov(Condition c, Gpr to, Gpr from) { rr(0, 0x0f, static_cast<uint8_t>(0x40 + static_cast<uint8_t>(c)), true, number(to), number(from)); }
  void cmov(Condition c, Gpr to, const Mem& from) { rm(0, 0x0f, static_cast<uint8_t>(0x40 + static_cast<uint8_t>(c)), true, number(to), from); }
  void setcc(Condition c, Gpr to) { rr(0, 0x0f, static_cast<uint8_t>(0x90 + static_cast<uint8_t>(c)), false, 0, number(to), number(to) >= 4); }
  void push(Gpr r) { short_form(0x50, r); }
  void pop(Gpr r) { short_form(0x58, r); }
  void push(const Mem& m) { rm(0, 0, 0xff, false, 6, m); }
  /// Pushes a sign-extended immediate.
  void push_imm(int32_t imm) {
    if (imm >= -128 && imm < 128) {
      put8(0x6a);
      put8(static_cast<uint8_t>(imm));
    } else {
      put8(0x68);
      put32(static_cast<uint32_t>(imm));
    }
  }

  // ---- integer arithmetic ----
  void alu(Alu op, Width w, Gpr to, Gpr from) {
    const auto base = static_cast<uint8_t>(static_cast<uint8_t>(op) << 3);
    if (w == Width::w8) {
      rr(0, 0, static_cast<uint8_t>(base | 2), false, number(to), number(from), number(to) >= 4 || number(from) >= 4);
    } else {
      rr(w == Width::w16 ? 0x66 : 0, 0, static_cast<uint8_t>(base | 3), w == Width::w64, number(to), number(from));
    }
  }
  void alu(Alu op, Width w, Gpr to, const Mem& from) {
    const auto base = static_cast<uint8_t>(static_cast<uint8_t>(op) << 3);
    if (w == Width::w8) {
      rm(0, 0, static_cast<uint8_t>(base | 2), false, number(to), from, number(to) >= 4);
    } else {
      rm(w == Width::w16 ? 0x66 : 0, 0, static_cast<uint8_t>(base | 3), w == Width::w64, number(to), from);
    }
  }
  void alu(Alu op, Width w, const Mem& to, Gpr from) {
    const auto base = static_cast<uint8_t>(static_cast<uint8_t>(op) << 3);
    if (w == Width::w8) {
      rm(0, 0, base, false, number(from), to, number(from) >= 4);
    } else {
      rm(w == Width::w16 ? 0x66 : 0, 0, static_cast<uint8_t>(base | 1), w == Width::w64, number(from), to);
    }
  }
  /// With an immediate, sign-extended from 32 bits (for 8 and 16: cut).
  void alu_imm(Alu op, Width w, Gpr to, int32_t imm) {
    const uint32_t extension = static_cast<uint32_t>(op);
    if (w == Width::w8) {
      rr(0, 0, 0x80, false, extension, number(to), number(to) >= 4);
      put8(static_cast<uint8_t>(imm));
    } else {
      const bool small = imm >= -128 && imm < 128;
      rr(w == Width::w16 ? 0x66 : 0, 0, small ? 0x83 : 0x81, w == Width::w64, extension, number(to));
      put_imm(small, w, imm);
    }
  }
  void alu_imm(Alu op, Width w, const Mem& to, int32_t imm) {
    const uint32_t extension = static_cast<uint32_t>(op);
    if (w == Width::w8) {
      rm(0, 0, 0x80, false, extension, to);
      put8(static_cast<uint8_t>(imm));
    } else {
      const bool small = imm >= -128 && imm < 128;
      rm(w == Width::w16 ? 0x66 : 0, 0, small ? 0x83 : 0x81, w == Width::w64, extension, to);
      put_imm(small, w, imm);
    }
  }
  void test(Width w, Gpr a, Gpr b) {
    if (w == Width::w8) {
      rr(0, 0, 0x84, false, number(b), number(a), number(a) >= 4 || number(b) >= 4);
    } else {
      rr(w == Width::w16 ? 0x66 : 0, 0, 0x85, w == Width::w64, number(b), number(a));
    }
  }
  /// to *= from with the signed overflow in the overflow flag; 16, 32 or 64 bits.
  void imul(Width w, Gpr to, Gpr from) { rr(w == Width::w16 ? 0x66 : 0, 0x0f, 0xaf, w == Width::w64, number(to), number(from)); }
  void imul(Width w, Gpr to, const Mem& from) { rm(w == Width::w16 ? 0x66 : 0, 0x0f, 0xaf, w == Width::w64, number(to), from); }
  /// to = from * imm; 32 or 64 bits.
  void imul_imm(Width w, Gpr to, Gpr from, int32_t imm) {
    const bool small = imm >= -128 && imm < 128;
    rr(0, 0, small ? 0x6b : 0x69, w == Width::w64, number(to), number(from));
    put_imm(small, Width::w32, imm);
  }
  /// mul, imul, div, idiv work on rdx:rax.
  void unary(Unary op, Width w, Gpr r) {
    const bool byte = w == Width::w8;
    rr(w == Width::w16 ? 0x66 : 0, 0, byte ? 0xf6 : 0xf7, w == Width::w64, static_cast<uint32_t>(op), number(r), byte && number(r) >= 4);
  }
  void unary(Unary op, Width w, const Mem& m) {
    rm(w == Width::w16 ? 0x66 : 0, 0, w == Width::w8 ? 0xf6 : 0xf7, w == Width::w64, static_cast<uint32_t>(op), m);
  }
  /// Sign of rax (eax) into rdx (edx).
  void sign_to_rdx(Width w) {
    if (w == Width::w64) {
      put8(0x48);
    }
    put8(0x99);
  }
  /// By a constant; 32 or 64 bits.
  void shift_imm(Shift op, Width w, Gpr r, uint8_t by) {
    rr(0, 0, by == 1 ? 0xd1 : 0xc1, w == Width::w64, static_cast<uint32_t>(op), number(r));
    if (by != 1) {
      put8(by);
    }
  }
  /// The bit of a 64-bit register into the carry flag.
  void test_bit(Gpr r, uint8_t bit) {
    rr(0, 0x0f, 0xba, true, 4, number(r));
    put8(bit);
  }
  /// By cl; 32 or 64 bits.
  void shift_cl(Shift op, Width w, Gpr r) { rr(0, 0, 0xd3, w == Width::w64, static_cast<uint32_t>(op), number(r)); }

  // ---- atomics and strings ----
  /// lock add/or/and/sub/xor [to], from; 8 to 64 bits.
  void lock_alu(Alu op, Width w, const Mem& to, Gpr from) {
    put8(0xf0);
    alu(op, w, to, from);
  }
  /// lock cmpxchg [to], from with the expected value in rax.
  void lock_cmpxchg(Width w, const Mem& to, Gpr from) {
    put8(0xf0);
    const bool byte = w == Width::w8;
    rm(w == Width::w16 ? 0x66 : 0, 0x0f, byte ? 0xb0 : 0xb1, w == Width::w64, number(from), to, byte && number(from) >= 4);
  }
  /// Stores rax rcx times from rdi on.
  void rep_stosq() { put24(0xab48f3); }
  /// Copies rcx words from rsi on to rdi on.
  void rep_movsq() { put24(0xa548f3); }

  // ---- control ----
  /// jmp, jcc, call with a 32-bit distance that is filled in later; returns where the four bytes are.
  uint8_t* jmp() { return distance(0xe9); }
  uint8_t* call() { return distance(0xe8); }
  uint8_t* jcc(Condition c) {
    at_[0] = 0x0f;
    at_[1] = static_cast<uint8_t>(0x80 + static_cast<uint8_t>(c));
    at_ += 6;
    std::memset(at_ - 4, 0, 4);
    return at_ - 4;
  }
  /// Jumps to a place already emitted, short where possible.
  void jmp_back(const uint8_t* target) {
    const int64_t distance = target - (at_ + 2);
    if (distance >= -128) {
      at_[0] = 0xeb;
      at_[1] = static_cast<uint8_t>(distance);
      at_ += 2;
    } else {
      patch(jmp(), target);
    }
  }
  void jcc_back(Condition c, const uint8_t* target) {
    const int64_t distance = target - (at_ + 2);
    if (distance >= -128) {
      at_[0] = static_cast<uint8_t>(0x70 + static_cast<uint8_t>(c));
      at_[1] = static_cast<uint8_t>(distance);
      at_ += 2;
    } else {
      patch(jcc(c), target);
    }
  }
  /// A short forward jump over less than 128 bytes; finish with patch_short.
  uint8_t* jcc_short(Condition c) {
    at_[0] = static_cast<uint8_t>(0x70 + static_cast<uint8_t>(c));
    at_[1] = 0;
    at_ += 2;
    return at_ - 1;
  }
  uint8_t* jmp_short() {
    at_[0] = 0xeb;
    at_[1] = 0;
    at_ += 2;
    return at_ - 1;
  }
  void patch_short(uint8_t* site) {
    OMEGA_DCHECK(at_ - site - 1 < 128, "short jump too far");
    *site = static_cast<uint8_t>(at_ - site - 1);
  }
  static void patch(uint8_t* site, const uint8_t* target) {
    const auto distance = static_cast<int32_t>(target - (site + 4));
    std::memcpy(site, &distance, 4);
  }
  void call(Gpr r) { rr(0, 0, 0xff, false, 2, number(r)); }
  void call(const Mem& m) { rm(0, 0, 0xff, false, 2, m); }
  void jmp(Gpr r) { rr(0, 0, 0xff, false, 4, number(r)); }
  void ret() { put8(0xc3); }
  void leave() { put8(0xc9); }
  void ud2() { put16(0x0b0f); }
  /// `count` bytes of nops.
  void nop(size_t count) {
    static constexpr uint8_t forms[9][9] = {{0x90},
                                            {0x66, 0x90},
                                            {0x0f, 0x1f, 0x00},
                                            {0x0f, 0x1f, 0x40, 0x00},
                                            {0x0f, 0x1f, 0x44, 0x00, 0x00},
                                            {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
                                            {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
                                            {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
                                            {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00}};
    while (count > 0) {
      const size_t n = count < 9 ? count : 9;
      std::memcpy(at_, forms[n - 1], n);
      at_ += n;
      count -= n;
    }
  }

  // ---- scalar floating point: `wide` is float64, else float32 ----
  void fmov(Xmm to, Xmm from) { rr(0, 0x0f, 0x28, false, number(to), number(from)); }
  void fload(bool wide, Xmm to, const Mem& from) { rm(wide ? 0xf2 : 0xf3, 0x0f, 0x10, false, number(to), from); }
  void fstore(bool wide, const Mem& to, Xmm from) { rm(wide ? 0xf2 : 0xf3, 0x0f, 0x11, false, number(from), to); }
  void fp(Fp op, bool wide, Xmm to, Xmm from) { rr(wide ? 0xf2 : 0xf3, 0x0f, static_cast<uint8_t>(op), false, number(to), number(from)); }
  void fp(Fp op, bool wide, Xmm to, const Mem& from) { rm(wide ? 0xf2 : 0xf3, 0x0f, static_cast<uint8_t>(op), false, number(to), from); }
  /// and, andn, or, xor of whole registers.
  void fp_bits(Fp op, Xmm to, Xmm from) { rr(0, 0x0f, static_cast<uint8_t>(op), false, number(to), number(from)); }
  void ucomi(bool wide, Xmm a, Xmm b) { rr(wide ? 0x66 : 0, 0x0f, 0x2e, false, number(a), number(b)); }
  void ucomi(bool wide, Xmm a, const Mem& b) { rm(wide ? 0x66 : 0, 0x0f, 0x2e, false, number(a), b); }
  /// cmpsd / cmpss: all ones where the predicate holds (0 eq, 1 lt, 2 le, 3 unordered, 4 ne).
  void fcmp(bool wide, uint8_t predicate, Xmm to, Xmm from) {
    rr(wide ? 0xf2 : 0xf3, 0x0f, 0xc2, false, number(to), number(from));
    put8(predicate);
  }
  void int_to_float(bool wide, Width from_width, Xmm to, Gpr from) { rr(wide ? 0xf2 : 0xf3, 0x0f, 0x2a, from_width == Width::w64, number(to), number(from)); }
  /// Truncating conversion to 64 bits; INT64_MIN when it does not fit.
  void float_to_int(bool wide, Gpr to, Xmm from) { rr(wide ? 0xf2 : 0xf3, 0x0f, 0x2c, true, number(to), number(from)); }
  /// float64 <- float32 (`widen`) or float32 <- float64.
  void float_to_float(bool widen, Xmm to, Xmm from) { rr(widen ? 0xf3 : 0xf2, 0x0f, 0x5a, false, number(to), number(from)); }
  void move_to_xmm(Width w, Xmm to, Gpr from) { rr(0x66, 0x0f, 0x6e, w == Width::w64, number(to), number(from)); }
  void move_to_gpr(Width w, Gpr to, Xmm from) { rr(0x66, 0x0f, 0x7e, w == Width::w64, number(from), number(to)); }
  /// Unaligned 16 bytes.
  void load16(Xmm to, const Mem& from) { rm(0, 0x0f, 0x10, false, number(to), from); }
  void store16(const Mem& to, Xmm from) { rm(0, 0x0f, 0x11, false, number(from), to); }

  void put8(uint8_t v) { *at_++ = v; }
  void put32(uint32_t v) {
    std::memcpy(at_, &v, 4);
    at_ += 4;
  }

 private:
  void put16(uint16_t v) {
    std::memcpy(at_, &v, 2);
    at_ += 2;
  }
  void put24(uint32_t v) {
    std::memcpy(at_, &v, 4);
    at_ += 3;
  }
  void put_imm(bool small, Width w, int32_t imm) {
    if (small) {
      put8(static_cast<uint8_t>(imm));
    } else if (w == Width::w16) {
      put16(static_cast<uint16_t>(imm));
    } else {
      put32(static_cast<uint32_t>(imm));
    }
  }
  void short_form(uint8_t opcode, Gpr r) {
    if (number(r) >= 8) {
      put8(0x41);
    }
    put8(static_cast<uint8_t>(opcode | (number(r) & 7)));
  }
  uint8_t* distance(uint8_t opcode) {
    at_[0] = opcode;
    at_ += 5;
    std::memset(at_ - 4, 0, 4);
    return at_ - 4;
  }

  /// [prefix] [rex] [escape] opcode modrm with two registers. The cursor is kept in a local: byte stores may alias it.
  [[gnu::always_inline]] void rr(uint8_t prefix, uint8_t escape, uint8_t opcode, bool w, uint32_t reg, uint32_t rm_reg, bool needs_rex = false) {
    uint8_t* q = at_;
    if (prefix != 0) {
      *q++ = prefix;
    }
    const uint32_t rex = (w ? 8u : 0u) | (reg >> 3) << 2 | rm_reg >> 3;
    if (rex != 0 || needs_rex) {
      *q++ = static_cast<uint8_t>(0x40 | rex);
    }
    if (escape != 0) {
      *q++ = escape;
    }
    *q++ = opcode;
    *q++ = static_cast<uint8_t>(0xc0 | (reg & 7) << 3 | (rm_reg & 7));
    at_ = q;
  }

  [[gnu::always_inline]] void rm(uint8_t prefix, uint8_t escape, uint8_t opcode, bool w, uint32_t reg, const Mem& m, bool needs_rex = false) {
    uint8_t* q = at_;
    if (prefix != 0) {
      *q++ = prefix;
    }
    const uint32_t base = m.base == Gpr::none ? 0 : number(m.base);
    const uint32_t index = m.index == Gpr::none ? 0 : number(m.index);
    const uint32_t rex = (w ? 8u : 0u) | (reg >> 3) << 2 | (index >> 3) << 1 | base >> 3;
    if (rex != 0 || needs_rex) {
      *q++ = static_cast<uint8_t>(0x40 | rex);
    }
    if (escape != 0) {
      *q++ = escape;
    }
    *q++ = opcode;
    at_ = address(q, reg & 7, m);
  }

  static uint8_t* address(uint8_t* q, uint32_t reg, const Mem& m) {
    const int32_t displacement = m.displacement;
    if (m.index == Gpr::none && m.base != Gpr::none && (number(m.base) & 7) != 4) [[likely]] {
      const uint32_t base = number(m.base) & 7;
      if (displacement == 0 && base != 5) {
        *q++ = static_cast<uint8_t>(reg << 3 | base);
      } else if (displacement >= -128 && displacement < 128) {
        q[0] = static_cast<uint8_t>(0x40 | reg << 3 | base);
        q[1] = static_cast<uint8_t>(displacement);
        q += 2;
      } else {
        q[0] = static_cast<uint8_t>(0x80 | reg << 3 | base);
        std::memcpy(q + 1, &displacement, 4);
        q += 5;
      }
      return q;
    }
    return address_with_index(q, reg, m);
  }

  static uint8_t* address_with_index(uint8_t* q, uint32_t reg, const Mem& m) {
    const int32_t displacement = m.displacement;
    const uint32_t index = m.index == Gpr::none ? 4 : number(m.index) & 7;
    if (m.base == Gpr::none) {
      q[0] = static_cast<uint8_t>(reg << 3 | 4);
      q[1] = static_cast<uint8_t>(m.scale << 6 | index << 3 | 5);
      std::memcpy(q + 2, &displacement, 4);
      return q + 6;
    }
    const uint32_t base = number(m.base) & 7;
    q[1] = static_cast<uint8_t>(m.scale << 6 | index << 3 | base);
    if (displacement == 0 && base != 5) {
      q[0] = static_cast<uint8_t>(reg << 3 | 4);
      return q + 2;
    }
    if (displacement >= -128 && displacement < 128) {
      q[0] = static_cast<uint8_t>(0x40 | reg << 3 | 4);
      q[2] = static_cast<uint8_t>(displacement);
      return q + 3;
    }
    q[0] = static_cast<uint8_t>(0x80 | reg << 3 | 4);
    std::memcpy(q + 2, &displacement, 4);
    return q + 6;
  }

  uint8_t* at_ = nullptr;
};

}  // namespace omega::codegen::native
