// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as a WebAssembly module and as an object: no crash; what is read is written and read again as the same module; what is linked can be written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "omega/object/wasm_linker.h"
#include "omega/object/wasm_reader.h"
#include "omega/object/wasm_validate.h"
#include "omega/object/wasm_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace omega::object::wasm;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto module = read(bytes); module.has_value()) {
    const auto again = read(write(*module));
    if (!again.has_value() || !(*again == *module)) {
      std::abort();
    }
    if (validate(*module).has_value() != validate(*again).has_value()) {
      std::abort();
    }
  }
  static constexpr std::string_view kExports[] = {"run"};
  if (const auto module = link(bytes, {.stack_size = 1024, .exports = kExports, .most_locals = 8}); module.has_value() && write(*module).empty()) {
    std::abort();
  }
  return 0;
}
