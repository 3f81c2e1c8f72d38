// SPDX-License-Identifier: Apache-2.0
// Vector instructions of AVX2 (VEX prefix) and AVX-512 (EVEX prefix), Intel SDM volume 2, sections 2.3 and 2.7.
#pragma once

#include <cstdint>
#include <cstring>

#include "omega/codegen/native/encoder.h"
#include "omega/codegen/native/vector_loop.h"

namespace omega::codegen::native {

/// A vector in memory: base + index + displacement.
struct VectorMem {
  Gpr base = Gpr::none;
  Gpr index = Gpr::none;  ///< none, or not rsp
  int32_t displacement = 0;
};

/// Writes instructions where `encoder` does. Registers are numbers: 0..15, with AVX-512 0..31.
class VectorEncoder {
 public:
  VectorEncoder(Encoder& encoder, VectorSet set, bool is_double) : encoder_(encoder), set_(set), is_double_(is_double) {}

  /// to = op(a, b), by the opcodes of scalar operations.
  void rr(Fp op, uint32_t to, uint32_t a, uint32_t b) { registers(1, lane_prefix(), static_cast<uint8_t>(op), to, a, b); }
  void rm(Fp op, uint32_t to, uint32_t a, const VectorMem& b) { memory(static_cast<uint8_t>(op), to, a, b); }
  /// to = sqrt(from).
  void square_root(uint32_t to, uint32_t from) { rr(Fp::sqrt, to, 0, from); }
  void load(uint32_t to, const VectorMem& from) { memory(0x10, to, 0, from); }
  void store(const VectorMem& to, uint32_t from) { memory(0x11, from, 0, to); }
  /// To memory that is aligned.
  void store_past_caches(const VectorMem& to, uint32_t from) { memory(0x2b, from, 0, to); }

  /// to = a mask of the lanes for which the predicate (SDM, VCMPPD) holds for x and y.
  void compare(uint8_t predicate, uint32_t to, uint32_t x, uint32_t y) {
    compare_lanes(predicate, to, x, y);
    if (set_ == VectorSet::avx512) {
      registers(2, kF3, 0x38, to, 0, 1);  // vpmovm2 to, k1
    }
  }
  /// to = lanes of x where the mask is set, else of y.
  void select(uint32_t to, uint32_t mask, uint32_t x, uint32_t y) {
    if (set_ == VectorSet::avx512) {
      registers(2, kF3, 0x39, 1, 0, mask);  // vpmov2m k1, mask
    }
    blend(to, mask, x, y);
  }
  /// to = lanes of `x` where those of `of` are no numbers, else those of `to`. `scratch` is another register, not used with AVX-512.
  void take_where_none(uint32_t to, uint32_t x, uint32_t of, uint32_t scratch) {
    constexpr uint8_t kUnordered = 3;
    compare_lanes(kUnordered, scratch, of, of);
    blend(to, scratch, x, to);
  }
  /// Ends the use of wide registers.
  void zero_upper() {
    put(0xc5);
    put(0xf8);
    put(0x77);
  }

 private:
  /// Prefixes as pp has them.
  static constexpr uint32_t k66 = 1, kF3 = 2;
  [[nodiscard]] uint32_t lane_prefix() const { return is_double_ ? k66 : 0; }

  void put(uint8_t byte) {
    *encoder_.at() = byte;
    encoder_.set_at(encoder_.at() + 1);
  }

  /// Which lanes the predicate holds for: in mask register 1 with AVX-512, else in `to`.
  void compare_lanes(uint8_t predicate, uint32_t to, uint32_t x, uint32_t y) {
    registers(1, lane_prefix(), 0xc2, set_ == VectorSet::avx512 ? 1 : to, x, y);
    put(predicate);
  }
  /// to = lanes of x where mask register 1, or without AVX-512 `mask`, says so, else of y.
  void blend(uint32_t to, uint32_t mask, uint32_t x, uint32_t y) {
    if (set_ == VectorSet::avx512) {
      registers(2, k66, 0x65, to, y, x, 1);  // vblendmp to{k1}, y, x
      return;
    }
    registers(3, k66, is_double_ ? 0x4b : 0x4a, to, y, x);  // vblendvp to, y, x, mask
    put(static_cast<uint8_t>(mask << 4));
  }

  /// An instruction of registers alone: `second` is 0 where it has two. `mask`: the mask register that it works under.
  void registers(uint32_t map, uint32_t pp, uint8_t opcode, uint32_t reg, uint32_t second, uint32_t rm, uint32_t mask = 0) {
    prefix(map, pp, reg, second, rm >> 3 & 1, rm >> 4 & 1, mask);
    put(opcode);
    put(static_cast<uint8_t>(0xc0 | (reg & 7) << 3 | (rm & 7)));
  }

  /// `reg`: the register in ModRM.reg; `second`: that in vvvv, 0 where there is none; `b`, `x`: the upper bits of ModRM.rm (or base) and of the index (or of
  /// a register in rm of AVX-512). `pp`: the prefix that it stands for.
  void prefix(uint32_t map, uint32_t pp, uint32_t reg, uint32_t second, uint32_t b, uint32_t x, uint32_t mask) {
    if (set_ == VectorSet::avx512) {
      put(0x62);
      put(static_cast<uint8_t>((~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | (~reg >> 4 & 1) << 4 | map));
      put(static_cast<uint8_t>((is_double_ ? 0x80 : 0) | (~second & 15) << 3 | 4 | pp));
      put(static_cast<uint8_t>(2 << 5 | (~second >> 4 & 1) << 3 | mask));
      return;
    }
    put(0xc4);
    put(static_cast<uint8_t>((~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | map));
    put(static_cast<uint8_t>((~second & 15) << 3 | 4 | pp));
  }

  /// An instruction of map 1 with one operand in memory. Displacements take four bytes: EVEX would scale those of one.
  void memory(uint8_t opcode, uint32_t reg, uint32_t second, const VectorMem& mem) {
    prefix(1, lane_prefix(), reg, second, number(mem.base) >> 3, mem.index == Gpr::none ? 0 : number(mem.index) >> 3, 0);
    put(opcode);
    const uint32_t base = number(mem.base) & 7;
    const bool has_displacement = mem.displacement != 0 || base == 5;
    const auto mode = static_cast<uint8_t>(has_displacement ? 0x80 : 0);
    if (mem.index == Gpr::none && base != 4) {
      put(static_cast<uint8_t>(mode | (reg & 7) << 3 | base));
    } else {
      put(static_cast<uint8_t>(mode | (reg & 7) << 3 | 4));
      put(static_cast<uint8_t>((mem.index == Gpr::none ? 4 : number(mem.index) & 7) << 3 | base));
    }
    if (has_displacement) {
      std::memcpy(encoder_.at(), &mem.displacement, 4);
      encoder_.set_at(encoder_.at() + 4);
    }
  }

  Encoder& encoder_;
  VectorSet set_;
  bool is_double_;
};

}  // namespace omega::codegen::native
