// SPDX-License-Identifier: Apache-2.0
// Any bytes as a program: checking neither crashes nor hangs, and what it accepts obeys the rules of the IR.
#include <cstdint>
#include <string>

#include "omega/base/check.h"
#include "omega/check/check_testing.h"
#include "omega/ir/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 16384) {
    return 0;
  }
  omega::check::CheckedProgram program(std::string(reinterpret_cast<const char*>(data), size));
  if (!program.sink.has_errors()) {
    OMEGA_CHECK(omega::ir::verify(program.module).empty(), "checked program breaks the rules of the IR");
  }
  return 0;
}
