// SPDX-License-Identifier: Apache-2.0
#include "omega/graph/exec/element_kernels.h"

namespace omega::graph {
namespace isa_baseline {
extern const ElementKernels kernels;
}
namespace isa_avx2 {
extern const ElementKernels kernels;
}
namespace isa_avx512 {
extern const ElementKernels kernels;
}

namespace {

const ElementKernels* kernels_of_processor() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512cd")) {
    return &isa_avx512::kernels;
  }
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") ? &isa_avx2::kernels : &isa_baseline::kernels;
}

}  // namespace

const ElementKernels& element_kernels() {
  static const ElementKernels* const chosen = kernels_of_processor();
  return *chosen;
}

}  // namespace omega::graph
