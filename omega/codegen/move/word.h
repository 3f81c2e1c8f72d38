// SPDX-License-Identifier: Apache-2.0
// 256-bit constants for masks, limits and places.
#pragma once

#include "omega/object/move_module.h"

namespace omega::codegen::move {

using object::move::Limbs;

/// The lowest `bits` bits set.
constexpr Limbs ones(uint32_t bits) {
  Limbs out{};
  for (uint32_t i = 0; i < 4; ++i) {
    const uint32_t left = bits > 64 * i ? bits - 64 * i : 0;
    out[i] = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
  }
  return out;
}

/// Bit n alone.
constexpr Limbs bit(uint32_t n) {
  Limbs out{};
  out[n / 64] = uint64_t{1} << (n % 64);
  return out;
}

constexpr Limbs limbs_of(unsigned __int128 value) { return {static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64), 0, 0}; }

constexpr Limbs complement(const Limbs& a) { return {~a[0], ~a[1], ~a[2], ~a[3]}; }

}  // namespace omega::codegen::move
