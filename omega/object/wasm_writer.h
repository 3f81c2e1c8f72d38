// SPDX-License-Identifier: Apache-2.0
// A WebAssembly module as bytes.
#pragma once

#include <cstdint>
#include <string>

#include "omega/object/wasm_module.h"

namespace omega::object::wasm {

/// The bytes of a module, sections in the format's order, custom sections last, empty ones left out. Pure.
std::string write(const Module& module);

/// A signed number of seven bits a byte, as constants have it.
void append_signed(std::string& out, int64_t value);

}  // namespace omega::object::wasm
