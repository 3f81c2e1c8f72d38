// SPDX-License-Identifier: Apache-2.0
// Compiled code as text.
#pragma once

#include <span>
#include <string>

#include "omega/codegen/native/code_buffer.h"
#include "omega/codegen/native/module_view.h"

namespace omega::codegen::native {

/// The code as source for the GNU assembler: bytes under the functions' names, references by symbol, source lines as comments. Piped through
/// `as -o x.o` and `objdump -dr x.o` it shows instructions.
std::string listing(std::span<const CodeBuffer* const> buffers, const ModuleView& module);

}  // namespace omega::codegen::native
