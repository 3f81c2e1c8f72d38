// SPDX-License-Identifier: Apache-2.0
// Any bytes as Solidity of up to three files (the byte 0x1c stands between them; they are main.sol, b.sol, c.sol): checking contracts neither crashes nor
// hangs, and what it accepts obeys the rules of the IR.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "omega/base/check.h"
#include "omega/check/contract/contract_testing.h"
#include "omega/ir/verify.h"
#include "test/fuzzing/token_mutation.h"
#include "test/fuzzing/vocabulary.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::pair<std::string, std::string>> files;
  for (const char* name : {"main.sol", "b.sol", "c.sol"}) {
    const size_t end = rest.find('\x1c');
    files.emplace_back(name, std::string(rest.substr(0, end)));
    if (end == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  omega::check::CheckedContracts program(std::move(files));
  if (!program.sink.has_errors()) {
    for (const omega::ir::Module& module : program.modules) {
      OMEGA_CHECK(omega::ir::verify(module).empty(), "a checked contract obeys the rules of the IR");
    }
  }
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed) {
  return omega::fuzzing::mutate_in_place(data, size, max_size, seed, omega::fuzzing::kOmegaVocabulary);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1, const uint8_t* data2, size_t size2, uint8_t* out, size_t max_size,
                                            unsigned int seed) {
  return omega::fuzzing::splice_into({reinterpret_cast<const char*>(data1), size1}, {reinterpret_cast<const char*>(data2), size2}, out, max_size, seed);
}
