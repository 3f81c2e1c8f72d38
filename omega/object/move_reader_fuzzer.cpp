// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as a Move module: no crash; what is read can be dumped, and what is written of it reads as the same module.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "omega/object/move_dump.h"
#include "omega/object/move_reader.h"
#include "omega/object/move_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace omega::object::move;
  const auto module = read({reinterpret_cast<const char*>(data), size});
  if (!module.has_value()) {
    return 0;
  }
  if (dump(*module).empty()) {
    std::abort();
  }
  const auto again = read(write(*module));
  if (!again.has_value() || !(*again == *module)) {
    std::abort();
  }
  return 0;
}
