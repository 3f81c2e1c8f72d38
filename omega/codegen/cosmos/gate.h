// SPDX-License-Identifier: Apache-2.0
// What CosmWasm chains ask of a module before they store it. Source: cosmwasm-vm 3.0, static_analysis, compatibility and config with its default limits.
#pragma once

#include <cstdint>
#include <string_view>

#include "omega/base/result.h"

namespace omega::codegen::cosmos {

/// Most locals of a function beside its parameters.
inline constexpr uint32_t kMostLocals = 100;

/// Whether chains take these bytes: the error names the first rule that they break. Stricter than the newest chains in one thing: a module with
/// instructions on floats is refused, as chains before CosmWasm 2 do. Pure.
base::Result<void> check_module(std::string_view bytes);

}  // namespace omega::codegen::cosmos
