// SPDX-License-Identifier: Apache-2.0
// Any bytes as Solidity of up to three files (the byte 0x1c stands between them; they are main.sol, b.sol, c.sol): checking contracts neither crashes nor
// hangs, and what it accepts obeys the rules of the IR.
#include <cstdint>

#include "omega/base/check.h"
#include "omega/check/contract/contract_testing.h"
#include "omega/ir/verify.h"
#include "test/fuzzing/program_files.h"
#include "test/fuzzing/solidity_vocabulary.h"
#include "test/fuzzing/token_mutation.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  omega::check::CheckedContracts program(omega::fuzzing::program_files(data, size, ".sol"));
  if (!program.sink.has_errors()) {
    for (const auto& module : program.modules) {
      OMEGA_CHECK(omega::ir::verify(*module).empty(), "a checked contract obeys the rules of the IR");
    }
  }
  return 0;
}

OMEGA_FUZZ_BY_WORDS(omega::fuzzing::kSolidityVocabulary, 0)
