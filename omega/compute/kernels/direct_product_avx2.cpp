// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_avx2
#include "omega/compute/kernels/direct_product.inc"

namespace omega::compute {
const DirectProducts kDirectProductsAvx2{isa_avx2::add_product<float>, isa_avx2::add_product<double>};
}  // namespace omega::compute
