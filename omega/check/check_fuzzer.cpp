// SPDX-License-Identifier: Apache-2.0
// Any bytes as a program of up to three files (the byte 0x1c stands between them; they are main.omega, b.omega, c.omega): checking neither
// crashes nor hangs, and what it accepts obeys the rules of the IR.
#include <cstdint>

#include "omega/base/check.h"
#include "omega/check/check_testing.h"
#include "omega/ir/verify.h"
#include "test/fuzzing/program_files.h"
#include "test/fuzzing/token_mutation.h"
#include "test/fuzzing/vocabulary.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  omega::check::CheckedProgram program(omega::fuzzing::program_files(data, size, ".omega"));
  if (!program.sink.has_errors()) {
    OMEGA_CHECK(omega::ir::verify(program.module).empty(), "a checked program obeys the rules of the IR");
  }
  return 0;
}

OMEGA_FUZZ_BY_WORDS(omega::fuzzing::kOmegaVocabulary, 0)
