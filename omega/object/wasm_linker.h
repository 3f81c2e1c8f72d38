// SPDX-License-Identifier: Apache-2.0
// A relocatable WebAssembly object as a module that runs. Source of what objects hold: the tool conventions, Linking.md of WebAssembly.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "omega/base/result.h"
#include "omega/object/wasm_module.h"

namespace omega::object::wasm {

struct LinkOptions {
  /// The stack lies below the data, so that one that overflows ends the program and overwrites nothing. A multiple of 16.
  uint32_t stack_size = 1u << 20;
  std::span<const std::string_view> exports;  ///< functions; `memory` is exported, too
  /// Most locals of a function that the machine takes; the values of others live on the stack.
  uint32_t most_locals = kMaxLocals;
};

/// Lays the object's data out behind the stack, makes the memory, the table and `__stack_pointer`, and fills in what the object leaves open. Functions that the
/// object lacks are imported; `__heap_base` is the address behind the data. The error says what does not fit. Pure.
base::Result<Module> link(std::string_view object, const LinkOptions& options);

}  // namespace omega::object::wasm
