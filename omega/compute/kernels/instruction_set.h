// SPDX-License-Identifier: Apache-2.0
// Which loops run on this processor.
#pragma once

#include <cstdint>

namespace omega::compute {

/// Instruction sets that loops are compiled for, each in a file of its own (`*_baseline.cpp`, `*_avx2.cpp`, `*_avx512.cpp`, compiled with the flags of that
/// set), in rising order.
enum class InstructionSet : uint8_t { baseline, avx2, avx512 };

/// "baseline", "avx2", "avx512".
const char* name_of(InstructionSet set);
/// The best one that this processor has.
InstructionSet best_instruction_set();
/// The one whose loops run: the best one, unless a test chose another.
InstructionSet instruction_set();
/// For tests: loops of `set`, which the processor must have, run from now on. Not while kernels run.
void use_instruction_set(InstructionSet set);

}  // namespace omega::compute
