// SPDX-License-Identifier: Apache-2.0
// The native back end's second half: places compiled code over the runtime image and makes a static executable of both.
#pragma once

#include <span>
#include <string_view>

#include "omega/base/result.h"
#include "omega/base/run_tasks.h"
#include "omega/codegen/native/code_buffer.h"
#include "omega/codegen/native/module_view.h"
#include "omega/object/pieces.h"

namespace omega::codegen::native {

/// How link() is to work.
struct LinkOptions {
  std::string_view name = "program";  ///< of the program, for debuggers
  std::string_view folder = ".";      ///< that source paths are relative to, for debuggers
  bool debug_info = true;             ///< symbols and line tables for debuggers; panics name their places in any case
  int32_t threads = 0;                ///< threads of `@@` loops; 0: one a processor
  base::RunTasks run_tasks;           ///< what link() may do side by side
};

/// The executable: the buffers' code in order, starting at `entry` (a function `() -> ()` or `() -> (s64)`). The buffers' bytes are relocated where they are
/// and become pieces of it, so they must outlive it and cannot be linked again. An error when a function that is called has no code.
base::Result<object::Pieces> link(std::span<CodeBuffer* const> buffers, const ModuleView& module, ir::FunctionId entry, const LinkOptions& options = {});

}  // namespace omega::codegen::native
