// SPDX-License-Identifier: Apache-2.0
// What a worker does: text and bitcode to an object file, in its own process.
#pragma once

#include "omega/codegen/llvm/library.h"

namespace omega::codegen::llvm {

/// make_object in this process. One thread. LLVM tells `on_fatal_error` why it gives up, and then ends the process.
ObjectResult make_object_here(std::string_view text, std::span<const uint8_t> runtime, const ObjectOptions& options, void (*on_fatal_error)(const char*));

}  // namespace omega::codegen::llvm
