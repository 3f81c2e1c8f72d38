// SPDX-License-Identifier: Apache-2.0
// Names of the runtime functions.
#include "omega/codegen/native/runtime_symbols.h"

#include "omega/base/check.h"

namespace omega::codegen::native {

std::string_view runtime_symbol_name(uint32_t symbol) {
  static constexpr std::string_view own[] = {
#define X(name) #name,
      OMEGA_NATIVE_RUNTIME(X)
#undef X
  };
  OMEGA_CHECK(symbol < runtime_symbol_count, "no such runtime function");
  return symbol < named_runtime_functions ? ir::runtime_functions()[symbol].symbol : own[symbol - named_runtime_functions];
}

}  // namespace omega::codegen::native
