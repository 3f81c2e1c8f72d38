// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as IR: no crash; what is read prints and reads again as the same text; the verifier stands any module.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "omega/ir/text.h"
#include "omega/ir/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace omega::ir;
  const auto module = parse_text({reinterpret_cast<const char*>(data), size});
  if (!module.has_value()) {
    return 0;
  }
  verify(*module);
  const std::string text = print(*module);
  const auto again = parse_text(text);
  if (!again.has_value() || print(*again) != text) {
    std::abort();
  }
  return 0;
}
