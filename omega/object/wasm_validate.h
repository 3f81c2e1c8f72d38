// SPDX-License-Identifier: Apache-2.0
// Whether a WebAssembly module is valid. Source: WebAssembly Core Specification 1.0, chapter 3 and the appendix "Validation Algorithm".
#pragma once

#include "omega/base/result.h"
#include "omega/object/wasm_module.h"

namespace omega::object::wasm {

/// Checks indices, constants, limits and the types of all code. Instructions on floats and those of later versions (but for sign extension) are errors.
/// The error says what is wrong and in which function. Pure.
base::Result<void> validate(const Module& module);

}  // namespace omega::object::wasm
