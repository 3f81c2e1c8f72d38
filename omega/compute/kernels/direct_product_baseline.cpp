// SPDX-License-Identifier: Apache-2.0
#define OMEGA_ISA isa_baseline
#include "omega/compute/kernels/direct_product.inc"

namespace omega::compute {
const DirectProducts kDirectProductsBaseline{isa_baseline::add_product<float>, isa_baseline::add_product<double>};
}  // namespace omega::compute
