// SPDX-License-Identifier: Apache-2.0
#include "omega/object/wasm_module.h"

#include <algorithm>

namespace omega::object::wasm {

uint32_t imported(const Module& module, ExternalKind kind) { return static_cast<uint32_t>(std::ranges::count(module.imports, kind, &Import::kind)); }

}  // namespace omega::object::wasm
