// SPDX-License-Identifier: Apache-2.0
// SHA-256 for chains without one. Source: FIPS 180-4, "Secure Hash Standard".
#include "runtime/chain/shared.h"

static const uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74,
    0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d,
    0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
    0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
    0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

INLINE uint32_t rotate_right_32(uint32_t value, uint32_t by) { return value >> by | value << (32 - by); }

OUTLINE static void sha256_block(uint32_t state[8], const uint8_t* block) {
  uint32_t w[64], v[8];
  for (int i = 0; i < 16; ++i) {
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
  }
  for (int i = 16; i < 64; ++i) {
    const uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (rotate_right_32(x, 7) ^ rotate_right_32(x, 18) ^ x >> 3) + (rotate_right_32(y, 17) ^ rotate_right_32(y, 19) ^ y >> 10);
  }
  for (int i = 0; i < 8; ++i) {
    v[i] = state[i];
  }
  for (int i = 0; i < 64; ++i) {
    const uint32_t e = v[4], a = v[0];
    const uint32_t first = v[7] + (rotate_right_32(e, 6) ^ rotate_right_32(e, 11) ^ rotate_right_32(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + sha256_constants[i] + w[i];
    const uint32_t second = (rotate_right_32(a, 2) ^ rotate_right_32(a, 13) ^ rotate_right_32(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
    for (int k = 7; k > 0; --k) {
      v[k] = v[k - 1];
    }
    v[4] += first;
    v[0] = first + second;
  }
  for (int i = 0; i < 8; ++i) {
    state[i] += v[i];
  }
}

OUTLINE void chain_sha256(uint8_t to[32], const uint8_t* bytes, uint64_t length) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t last[128];
  uint64_t left = length;
  for (; left >= 64; bytes += 64, left -= 64) {
    sha256_block(state, bytes);
  }
  const uint64_t end = left + 9 <= 64 ? 64 : 128;
  for (uint64_t i = 0; i < end; ++i) {
    last[i] = i < left ? bytes[i] : i == left ? 0x80 : i >= end - 8 ? (uint8_t)(length * 8 >> (8 * (end - 1 - i))) : 0;
  }
  sha256_block(state, last);
  if (end > 64) {
    sha256_block(state, last + 64);
  }
  for (int i = 0; i < 32; ++i) {
    to[i] = (uint8_t)(state[i / 4] >> (24 - i % 4 * 8));
  }
}
