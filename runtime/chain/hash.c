// SPDX-License-Identifier: Apache-2.0
// Hashes of bytes in memory as numbers.
#include "runtime/chain/shared.h"

void chain_hash_keccak256(Word* to, const Bytes* bytes) {
  uint8_t digest[32] __attribute__((aligned(8)));
  chain_keccak256(digest, bytes == NULL ? NULL : bytes->data, byte_count(bytes));
  read_word(to, digest);
}

void chain_hash_sha256(Word* to, const Bytes* bytes) {
  uint8_t digest[32] __attribute__((aligned(8)));
  chain_sha256(digest, bytes == NULL ? NULL : bytes->data, byte_count(bytes));
  read_word(to, digest);
}

void chain_hash_ripemd160(Word* to, const Bytes* bytes) {
  uint8_t digest[20];
  chain_ripemd160(digest, bytes == NULL ? NULL : bytes->data, byte_count(bytes));
  *to = word_of(0);
  for (uint32_t i = 0; i < 20; ++i) {
    to->limb[i / 8] |= (uint64_t)digest[19 - i] << (i % 8 * 8);
  }
}
