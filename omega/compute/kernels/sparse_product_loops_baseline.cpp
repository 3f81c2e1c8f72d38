// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_baseline
#include "omega/compute/kernels/sparse_product_loops.inc"

namespace omega::compute {
const SparseProducts kSparseProductsBaseline = isa_baseline::kProducts;
}  // namespace omega::compute
