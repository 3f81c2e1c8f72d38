// SPDX-License-Identifier: Apache-2.0
// What compiling one function needs to know of the rest of the program.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "omega/ir/ir.h"

namespace omega::codegen::native {

/// A source file, for line tables.
struct SourceFile {
  std::string_view path;
  std::string_view text;                  ///< used for columns; may be empty
  std::span<const uint32_t> line_starts;  ///< offsets at which lines begin, the first one 0; empty: no line information
  bool is_ascii = false;                  ///< columns are byte distances
};

/// A view of the program; what it points at must outlive the calls it is given to. Read by any number of threads.
struct ModuleView {
  std::span<const ir::Function> functions;                  ///< by ir::FunctionId; code generation reads others' results only
  std::span<const SourceFile> files;                        ///< by base::FileId
  std::span<const std::span<const ir::Type>> results = {};  ///< of the first functions, whose own may be missing; by ir::FunctionId

  /// The types of a function's results.
  [[nodiscard]] std::span<const ir::Type> results_of(ir::FunctionId function) const {
    return function < results.size() ? results[function] : std::span<const ir::Type>(functions[function].results);
  }
};

}  // namespace omega::codegen::native
