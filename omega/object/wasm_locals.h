// SPDX-License-Identifier: Apache-2.0
// Functions with more locals than a machine takes.
#pragma once

#include <cstdint>

#include "omega/object/wasm_module.h"

namespace omega::object::wasm {

/// Gives every function at most `most` locals (beside its parameters): the least used of those with more are kept on the stack that the module's
/// first global points into, which grows downwards. Meaning stays. For the readers of this folder: throws Malformed.
void spill_locals(Module& module, uint32_t most);

}  // namespace omega::object::wasm
