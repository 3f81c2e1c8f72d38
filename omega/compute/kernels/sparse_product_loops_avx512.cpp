// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_avx512
#include "omega/compute/kernels/sparse_product_loops.inc"

namespace omega::compute {
const SparseProducts kSparseProductsAvx512 = isa_avx512::kProducts;
}  // namespace omega::compute
