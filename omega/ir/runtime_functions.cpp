// SPDX-License-Identifier: Apache-2.0
// The table behind runtime_functions.h.
#include "omega/ir/runtime_functions.h"

namespace omega::ir {
namespace {

struct Parameters {
  uint8_t count;
  Type types[RuntimeFunction::kMaxParameters];
};

template <typename... Types>
constexpr Parameters parameter_list(Types... types) {
  static_assert(sizeof...(types) <= RuntimeFunction::kMaxParameters);
  return {static_cast<uint8_t>(sizeof...(types)), {types...}};
}

constexpr RuntimeFunction row(std::string_view name, std::string_view symbol, Type result, Parameters parameters, std::string_view effects) {
  RuntimeFunction function{name, symbol, result, parameters.count, {}, effects};
  for (uint32_t i = 0; i < parameters.count; ++i) {
    function.parameters[i] = parameters.types[i];
  }
  return function;
}

using enum Type;
constexpr RuntimeFunction kFunctions[] = {
#define OMEGA_RUNTIME(name, symbol, result, parameters, effects) row(#name, #symbol, result, parameter_list parameters, effects),
#include "omega/ir/runtime_functions.def"
};

}  // namespace

std::span<const RuntimeFunction> runtime_functions() { return kFunctions; }

const RuntimeFunction* find_runtime_function(std::string_view name) {
  for (const RuntimeFunction& function : kFunctions) {
    if (function.name == name) {
      return &function;
    }
  }
  return nullptr;
}

}  // namespace omega::ir
