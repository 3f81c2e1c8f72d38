// SPDX-License-Identifier: Apache-2.0
// Tables of loops: one for each type of floats, and of those compiled the one that fits the processor.
#pragma once

#include "omega/compute/kernels/instruction_set.h"

namespace omega::compute {

/// The same loops over float and over double.
template <template <class T> class LoopsOf>
struct FloatLoops {
  LoopsOf<float> f32;
  LoopsOf<double> f64;

  template <class T>
  [[nodiscard]] const LoopsOf<T>& of() const {
    if constexpr (sizeof(T) == sizeof(float)) {
      return f32;
    } else {
      return f64;
    }
  }
};

/// Of a table compiled for each instruction set, the one whose loops run.
template <class Loops>
const Loops& loops_of(const Loops* baseline, const Loops* avx2, const Loops* avx512) {
  switch (instruction_set()) {
    case InstructionSet::avx512: return *avx512;
    case InstructionSet::avx2: return *avx2;
    case InstructionSet::baseline: break;
  }
  return *baseline;
}

}  // namespace omega::compute
