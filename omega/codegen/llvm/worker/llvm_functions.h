// SPDX-License-Identifier: Apache-2.0
// LLVM's shared library, once it is loaded.
#pragma once

#include <cstddef>
#include <string>

namespace omega::codegen::llvm {

/// The functions that are used of it.
struct Library {
#define OMEGA_LLVM(result, name, parameters) result(*name) parameters = nullptr;
#include "omega/codegen/llvm/worker/functions.def"
  std::string error;  ///< why it could not be loaded; empty: it is there
};

}  // namespace omega::codegen::llvm
