// SPDX-License-Identifier: Apache-2.0
// Hashing of long runs of bytes.
#include "omega/base/hash.h"

namespace omega::base::hash_detail {

uint64_t hash_long(const char* data, size_t size) {
  uint64_t state = k1 ^ (size * k2);
  size_t at = 0;
  for (; at + 16 < size; at += 16) {
    state = fold_product(load<uint64_t>(data + at) ^ state, load<uint64_t>(data + at + 8) ^ k0);
  }
  return fold_product(load<uint64_t>(data + size - 16) ^ state, load<uint64_t>(data + size - 8) ^ k0);
}

}  // namespace omega::base::hash_detail
