// SPDX-License-Identifier: Apache-2.0
// From IR to the bytes of a native executable.
#pragma once

#include <optional>

#include "omega/base/pod_vector.h"
#include "omega/base/result.h"
#include "omega/compile/load.h"
#include "omega/ir/ir.h"

namespace omega::compile {

/// How the executable is made.
struct NativeOptions {
  std::string name;         ///< of the program, for debuggers
  int32_t threads = 0;      ///< of `@@` loops; 0: one for each processor
  bool debug_info = true;
};

/// Machine code of all functions, on the pool's threads, linked over the runtime. What the target cannot do is reported to `sink`; the bytes
/// are missing then. Bit-identical whatever the pool.
base::Result<std::optional<base::PodVector<uint8_t>>> make_native(const ir::Module& module, const LoadedProgram& program, const NativeOptions& options,
                                                                  task::Pool& pool, PhaseTimes& times, diag::Sink& sink);

/// The same code as assembler source (codegen/native/listing.h); empty when something was reported.
std::string native_listing(const ir::Module& module, const LoadedProgram& program, task::Pool& pool, PhaseTimes& times, diag::Sink& sink);

}  // namespace omega::compile
