// SPDX-License-Identifier: Apache-2.0
// Bytes as a WebAssembly module.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "omega/base/result.h"
#include "omega/object/wasm_module.h"

namespace omega::object::wasm {

/// Where things lay in the file, for relocations: positions count from the beginning of a section's content.
struct Layout {
  std::vector<uint8_t> sections;         ///< ids of all sections, in the file's order
  std::vector<uint32_t> code_positions;  ///< of each function's first instruction
  std::vector<uint32_t> data_positions;  ///< of each data segment's bytes
};

/// Reads any bytes. The error says what is wrong. Sections are read whole and in order; whether indices are in range and code makes sense is
/// for wasm_validate.h. `layout` may be null.
base::Result<Module> read(std::string_view bytes, Layout* layout = nullptr);

}  // namespace omega::object::wasm
