// SPDX-License-Identifier: Apache-2.0
// Runtime functions that code generation calls by itself, numbered behind those the IR may name.
#pragma once

#include <cstdint>
#include <string_view>

#include "omega/ir/runtime_functions.h"

namespace omega::codegen::native {

// clang-format off: one name a line.
#define OMEGA_NATIVE_RUNTIME(X) \
  X(om_panic)                   \
  X(om_panic_overflow)          \
  X(om_panic_divide)            \
  X(om_panic_cast)              \
  X(om_panic_index)             \
  X(om_alloc)                   \
  X(om_array_new)               \
  X(om_par_for)                 \
  X(om_pow_int)                 \
  X(om_pow_checked)             \
  X(om_fmod)                    \
  X(om_wide_add)                \
  X(om_wide_sub)                \
  X(om_wide_mul)                \
  X(om_wide_div)                \
  X(om_wide_mod)                \
  X(om_wide_pow)                \
  X(om_wide_neg)                \
  X(om_wide_shl)                \
  X(om_wide_shr)                \
  X(om_wide_convert)            \
  X(om_wide_to_f64)             \
  X(om_wide_from_f64)
// clang-format on

/// Number of functions in runtime_functions.def.
inline constexpr uint32_t named_runtime_functions = 0
#define OMEGA_RUNTIME(name, symbol, result, parameters, effects) +1
#include "omega/ir/runtime_functions.def"
    ;

/// A runtime function: a value of ir::RuntimeFunctionId, or one of these.
enum class RuntimeSymbol : uint32_t {
  before_first = named_runtime_functions - 1,
#define X(name) name,
  OMEGA_NATIVE_RUNTIME(X)
#undef X
      end
};

/// How many there are in all.
inline constexpr uint32_t runtime_symbol_count = static_cast<uint32_t>(RuntimeSymbol::end);

/// An integer type as the runtime takes it: OM_INT of runtime/omega_runtime.h.
constexpr uint32_t runtime_type(ir::Type t) { return ir::bit_width(t) | (ir::is_signed(t) ? 0x10000u : 0u); }

/// The C function's name.
std::string_view runtime_symbol_name(uint32_t symbol);

}  // namespace omega::codegen::native
