// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_avx2
#include "omega/compute/kernels/sparse_product_loops.inc"

namespace omega::compute {
const SparseProducts kSparseProductsAvx2 = isa_avx2::kProducts;
}  // namespace omega::compute
