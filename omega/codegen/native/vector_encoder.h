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

/// A vector instruction on float32 or float64 lanes, by its opcode in the map 0F.
enum class Lane : uint8_t {
  load = 0x10,
  store = 0x11,
  store_past_caches = 0x2b,
  sqrt = 0x51,
  and_ = 0x54,
  or_ = 0x56,
  xor_ = 0x57,
  add = 0x58,
  mul = 0x59,
  sub = 0x5c,
  min = 0x5d,
  div = 0x5e,
  max = 0x5f
};

/// Writes instructions where `encoder` does. Registers are numbers: 0..15, with AVX-512 0..31.
class VectorEncoder {
 public:
  VectorEncoder(Encoder& encoder, VectorSet set, bool is_double) : encoder_(encoder), set_(set), is_double_(is_double) {}

  /// to = op(a, b); a is 0 for instructions of one operand.
  void rr(Lane op, uint32_t to, uint32_t a, uint32_t b) {
    prefix(1, lane_prefix(), op == Lane::load || op == Lane::sqrt, to, a, b >> 3 & 1, b >> 4 & 1, 0);
    put(static_cast<uint8_t>(op));
    put(static_cast<uint8_t>(0xc0 | (to & 7) << 3 | (b & 7)));
  }
  void rm(Lane op, uint32_t to, uint32_t a, const VectorMem& b) {
    const bool single = op == Lane::load || op == Lane::store || op == Lane::store_past_caches || op == Lane::sqrt;
    prefix(1, lane_prefix(), single, to, a, number(b.base) >> 3, b.index == Gpr::none ? 0 : number(b.index) >> 3, 0);
    put(static_cast<uint8_t>(op));
    memory(to, b);
  }
  /// to = lanes of `x` where those of `of` are no numbers, else those of `to`. `scratch` is another register; AVX-512 uses mask 1 in its place.
  void take_where_none(uint32_t to, uint32_t x, uint32_t of, uint32_t scratch) {
    constexpr uint8_t kUnordered = 3;
    if (set_ == VectorSet::avx512) {
      prefix(1, lane_prefix(), false, 1, of, of >> 3 & 1, of >> 4 & 1, 0);  // vcmpp k1, of, of
      put(0xc2);
      put(static_cast<uint8_t>(0xc0 | 1 << 3 | (of & 7)));
      put(kUnordered);
      prefix(1, lane_prefix(), true, to, 0, x >> 3 & 1, x >> 4 & 1, 1);  // vmovup to{k1}, x
      put(0x10);
      put(static_cast<uint8_t>(0xc0 | (to & 7) << 3 | (x & 7)));
      return;
    }
    prefix(1, lane_prefix(), false, scratch, of, of >> 3 & 1, 0, 0);  // vcmpp scratch, of, of
    put(0xc2);
    put(static_cast<uint8_t>(0xc0 | (scratch & 7) << 3 | (of & 7)));
    put(kUnordered);
    prefix(3, k66, false, to, to, x >> 3 & 1, 0, 0);  // vblendvp to, to, x, scratch; always with the prefix 66
    put(is_double_ ? 0x4b : 0x4a);
    put(static_cast<uint8_t>(0xc0 | (to & 7) << 3 | (x & 7)));
    put(static_cast<uint8_t>(scratch << 4));
  }
  /// to = a mask of the lanes for which the predicate (SDM, VCMPPD) holds for x and y.
  void compare(uint8_t predicate, uint32_t to, uint32_t x, uint32_t y) {
    const bool by_mask = set_ == VectorSet::avx512;
    const uint32_t first = by_mask ? 1 : to;
    prefix(1, lane_prefix(), false, first, x, y >> 3 & 1, y >> 4 & 1, 0);
    put(0xc2);
    put(static_cast<uint8_t>(0xc0 | (first & 7) << 3 | (y & 7)));
    put(predicate);
    if (by_mask) {
      prefix(2, kF3, true, to, 0, 0, 0, 0);  // vpmovm2q to, k1
      put(0x38);
      put(static_cast<uint8_t>(0xc0 | (to & 7) << 3 | 1));
    }
  }
  /// to = lanes of x where the mask is set, else of y.
  void select(uint32_t to, uint32_t mask, uint32_t x, uint32_t y) {
    if (set_ == VectorSet::avx512) {
      prefix(2, kF3, true, 1, 0, mask >> 3 & 1, mask >> 4 & 1, 0);  // vpmovq2m k1, mask
      put(0x39);
      put(static_cast<uint8_t>(0xc0 | 1 << 3 | (mask & 7)));
      prefix(2, k66, false, to, y, x >> 3 & 1, x >> 4 & 1, 1);  // vblendmp to{k1}, y, x
      put(0x65);
      put(static_cast<uint8_t>(0xc0 | (to & 7) << 3 | (x & 7)));
      return;
    }
    prefix(3, k66, false, to, y, x >> 3 & 1, 0, 0);  // vblendvp to, y, x, mask
    put(is_double_ ? 0x4b : 0x4a);
    put(static_cast<uint8_t>(0xc0 | (to & 7) << 3 | (x & 7)));
    put(static_cast<uint8_t>(mask << 4));
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

  /// `reg`: the register in ModRM.reg; `second`: that in vvvv, not there when `single`; `b`, `x`: the upper bits of ModRM.rm (or base) and of the index (or of
  /// a register in rm of AVX-512). `pp`: the prefix that it stands for.
  void prefix(uint32_t map, uint32_t pp, bool single, uint32_t reg, uint32_t second, uint32_t b, uint32_t x, uint32_t mask) {
    const uint32_t vvvv = single ? 0 : second;
    if (set_ == VectorSet::avx512) {
      put(0x62);
      put(static_cast<uint8_t>((~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | (~reg >> 4 & 1) << 4 | map));
      put(static_cast<uint8_t>((is_double_ ? 0x80 : 0) | (~vvvv & 15) << 3 | 4 | pp));
      put(static_cast<uint8_t>(2 << 5 | (~vvvv >> 4 & 1) << 3 | mask));
      return;
    }
    put(0xc4);
    put(static_cast<uint8_t>((~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | map));
    put(static_cast<uint8_t>((~vvvv & 15) << 3 | 4 | pp));
  }

  /// ModRM and what follows. Displacements take four bytes: EVEX would scale those of one.
  void memory(uint32_t reg, const VectorMem& mem) {
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
