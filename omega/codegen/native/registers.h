// SPDX-License-Identifier: Apache-2.0
// Names of the x86-64 registers, condition codes and operand widths.
#pragma once

#include <cstdint>

namespace omega::codegen::native {

/// General registers by their encoding.
enum class Gpr : uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15, none = 0xff };

/// Vector registers by their encoding.
enum class Xmm : uint8_t { xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15, none = 0xff };

constexpr uint32_t number(Gpr r) { return static_cast<uint32_t>(r); }
constexpr uint32_t number(Xmm r) { return static_cast<uint32_t>(r); }

/// A set of registers of one class, bit i for register i.
using RegisterSet = uint32_t;
constexpr RegisterSet bit(Gpr r) { return 1u << number(r); }
constexpr RegisterSet bit(Xmm r) { return 1u << number(r); }

/// Condition codes as jcc, setcc and cmovcc encode them.
enum class Condition : uint8_t {
  overflow,
  no_overflow,
  below,
  above_equal,
  equal,
  not_equal,
  below_equal,
  above,
  negative,
  not_negative,
  parity,
  no_parity,
  less,
  greater_equal,
  less_equal,
  greater
};

/// The condition that holds exactly when `c` does not.
constexpr Condition inverse(Condition c) { return static_cast<Condition>(static_cast<uint8_t>(c) ^ 1); }

/// The condition for exchanged operands of the comparison.
constexpr Condition swapped(Condition c) {
  switch (c) {
    case Condition::below: return Condition::above;
    case Condition::above: return Condition::below;
    case Condition::below_equal: return Condition::above_equal;
    case Condition::above_equal: return Condition::below_equal;
    case Condition::less: return Condition::greater;
    case Condition::greater: return Condition::less;
    case Condition::less_equal: return Condition::greater_equal;
    case Condition::greater_equal: return Condition::less_equal;
    default: return c;
  }
}

/// Operand width of an integer instruction, in bits.
enum class Width : uint8_t { w8 = 8, w16 = 16, w32 = 32, w64 = 64 };

}  // namespace omega::codegen::native
