// SPDX-License-Identifier: Apache-2.0
#define OMEGA_VECTOR_BYTES 64
#include "omega/compute/kernels/direct_product.inc"

namespace omega::compute {
const DirectProducts kDirectProductsAvx512{add_product<float>, add_product<double>};
}  // namespace omega::compute
