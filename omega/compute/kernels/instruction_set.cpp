// SPDX-License-Identifier: Apache-2.0
#include "omega/compute/kernels/instruction_set.h"

#include "omega/base/check.h"

namespace omega::compute {

namespace {

InstructionSet& chosen() {
  static InstructionSet set = best_instruction_set();
  return set;
}

}  // namespace

const char* name_of(InstructionSet set) { return set == InstructionSet::avx512 ? "avx512" : set == InstructionSet::avx2 ? "avx2" : "baseline"; }

InstructionSet best_instruction_set() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512cd")) {
    return InstructionSet::avx512;
  }
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") ? InstructionSet::avx2 : InstructionSet::baseline;
}

InstructionSet instruction_set() { return chosen(); }

void use_instruction_set(InstructionSet set) {
  OMEGA_CHECK(set <= best_instruction_set(), "the processor lacks the instruction set");
  chosen() = set;
}

}  // namespace omega::compute
