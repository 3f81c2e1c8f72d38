// SPDX-License-Identifier: Apache-2.0
// The runtime functions that CallRuntime may name, with their signatures and effects.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "omega/ir/ir.h"

namespace omega::ir {

/// Operand `r` of CallRuntime.
enum class RuntimeFunctionId : uint32_t {
#define OMEGA_RUNTIME(name, symbol, result, parameters, effects) name,
#include "omega/ir/runtime_functions.def"
};

/// One row of runtime_functions.def.
struct RuntimeFunction {
  static constexpr uint32_t kMaxParameters = 6;

  std::string_view name;    ///< as in the textual IR: `OutI64`
  std::string_view symbol;  ///< of the C function: `om_out_i64`
  Type result;              ///< Void: none
  uint8_t parameter_count;
  Type parameters[kMaxParameters];
  std::string_view effects;  ///< letters as in ops.def

  std::span<const Type> params() const { return {parameters, parameter_count}; }
  bool has_effect(char letter) const { return effects.find(letter) != std::string_view::npos; }
};

/// All of them, indexed by RuntimeFunctionId.
std::span<const RuntimeFunction> runtime_functions();
inline const RuntimeFunction& runtime_function(RuntimeFunctionId id) { return runtime_functions()[static_cast<uint32_t>(id)]; }
/// The function of that name, or null.
const RuntimeFunction* find_runtime_function(std::string_view name);

}  // namespace omega::ir
